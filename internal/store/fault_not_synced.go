//go:build fault_not_synced

package store

import "github.com/cockroachdb/pebble/v2"

// commit does not sync: a fault that `make selftest` plants, to prove that it is found.
func commit(db *pebble.DB, pb *pebble.Batch) error { return db.Apply(pb, pebble.NoSync) }
