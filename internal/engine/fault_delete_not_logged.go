//go:build fault_delete_not_logged

package engine

const plantedFault = faultDeleteNotLogged
