//go:build !(fault_delete_not_logged || fault_dedup_in_memory || fault_answer_before_sync || fault_group_index_kept || fault_dead_letter_stays || fault_lock_forgotten || fault_visibility_not_logged || fault_wake_missed || fault_move_count_not_logged)

package engine

const plantedFault = ""
