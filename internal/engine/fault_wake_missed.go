//go:build fault_wake_missed

package engine

const plantedFault = faultWakeMissed
