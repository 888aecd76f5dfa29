//go:build fault_answer_before_sync

package engine

const plantedFault = faultAnswerBeforeSync
