package engine

import "github.com/bufeomq/bufeo/internal/api"

// maxMoves and maxMoveBytes bound what one hold of the lock moves, which is one batch and twice in memory until that is on
// disk, and the bodies that are read for it at once. By bytes it is no more than one send can bring.
const (
	maxMoves     = 100
	maxMoveBytes = api.MaxBatchBytes
)

// cargo counts messages that go together.
type cargo struct {
	n     int
	bytes int64
}

// fits reports whether one more of this size may go along. The first always may.
func (c *cargo) fits(size int64) bool {
	return c.n == 0 || c.n < maxMoves && c.bytes+size <= maxMoveBytes
}

func (c *cargo) add(size int64) {
	c.n++
	c.bytes += size
}
