//go:build fault_visibility_not_logged

package engine

const plantedFault = faultVisibilityNotLogged
