//go:build fault_dead_letter_stays

package engine

const plantedFault = faultDeadLetterStays
