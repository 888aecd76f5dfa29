package engine

// Faults that can be planted, to prove that the random runs of internal/enginetest find them: `make selftest` builds with
// the tag fault_<name> of one after the other. The constant plantedFault is "" in every other build, and the compiler drops
// what depends on it.
const (
	faultDeleteNotLogged     = "delete_not_logged"     // the delete of a message is not written
	faultDedupInMemory       = "dedup_in_memory"       // deduplication ids are kept in memory only
	faultAnswerBeforeSync    = "answer_before_sync"    // no answer waits for the disk
	faultGroupIndexKept      = "group_index_kept"      // a message that is received stays in the index of its group on disk
	faultDeadLetterStays     = "dead_letter_stays"     // a dead letter stays on disk in the queue that it comes from
	faultLockForgotten       = "lock_forgotten"        // a restart forgets the visibility timeouts that run in FIFO queues, and with them the locks of groups
	faultWakeMissed          = "wake_missed"           // a delete that unlocks a group wakes nobody
	faultVisibilityNotLogged = "visibility_not_logged" // a change of a message's visibility is not written
	faultMoveCountNotLogged  = "move_count_not_logged" // what a move task has moved is not written before its end
)
