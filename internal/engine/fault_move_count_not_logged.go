//go:build fault_move_count_not_logged

package engine

const plantedFault = faultMoveCountNotLogged
