//go:build fault_group_index_kept

package engine

const plantedFault = faultGroupIndexKept
