// Package engine is the queue itself: what a message is in at any moment, who gets it, when it comes back, when it is
// over. It knows nothing of HTTP, accounts' rights or error texts; package service translates.
//
// Each operation takes the queue's lock, brings the queue up to the present (advance), decides, writes its decision
// into a store.Batch, appends it, unlocks, and only then waits for the disk. The order of effects is fixed under the
// lock and durability is awaited outside it, so one slow fsync is shared by all. Transitions (methods ending in
// Locked) do no I/O, start no goroutine, and take the time as a value.
//
// docs/architecture.md describes how a message moves; locking.go has the lock order.
package engine
