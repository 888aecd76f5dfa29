//go:build fault_lock_forgotten

package engine

const plantedFault = faultLockForgotten
