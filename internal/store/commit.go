//go:build !fault_not_synced

package store

import "github.com/cockroachdb/pebble/v2"

// commit writes a batch and returns when it is synced.
//
// It is not Apply, which ends the process when the write-ahead log cannot be written, while SyncWait returns the error, so
// that every waiter learns of it and the health endpoint can say so.
func commit(db *pebble.DB, pb *pebble.Batch) error {
	if err := db.ApplyNoSyncWait(pb, pebble.Sync); err != nil {
		return err
	}
	return pb.SyncWait()
}
