// Package store keeps queues on disk: the Pebble schema, the records in it, and the log that makes batches durable.
// Only package engine uses it.
package store
