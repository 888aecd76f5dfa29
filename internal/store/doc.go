// Package store keeps queues on disk: the Pebble schema, the records in it, and the log that makes batches durable.
//
// The one way to change anything is to fill a Batch and Append it. Append fixes the batch's place in the order and
// returns at once; the Pending that it returns is done when the batch and everything appended before it is on disk.
// A Batch is a logical encoding of bufeo's own records, not Pebble's, so that the same bytes can be replicated.
//
// Reads see what was applied: a caller that must see its own last Append waits for it first (Barrier).
// docs/storage-format.md describes keys and records. Only package engine and tests use this package.
package store
