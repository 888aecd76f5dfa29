//go:build race

package engine

// slower divides the sizes of the largest tests, which the race detector slows down by a factor of twenty.
const slower = 20
