//go:build fault_dedup_in_memory

package engine

const plantedFault = faultDedupInMemory
