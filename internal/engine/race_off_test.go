//go:build !race

package engine

// slower divides the sizes of the largest tests.
const slower = 1
