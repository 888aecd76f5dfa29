package process

import (
	"os"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// MeasureSync is the median time to append 4 KiB to a file and sync it. A rate of durable sends means little without it.
func MeasureSync(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "sync-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took []time.Duration
	block := make([]byte, 4<<10)
	for range 100 {
		start := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	return load.Median(took), nil
}
