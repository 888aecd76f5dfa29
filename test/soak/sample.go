package main

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// sample looks at the server once a second until ctx ends.
func (r *result) sample(ctx context.Context, pid int, data string) {
	began := time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.samples = append(r.samples, sample{time.Since(began), resident(pid), diskUsage(data), openFiles(pid)})
		}
	}
}

// csv is the samples, for a closer look.
func (r *result) csv() []byte {
	var b bytes.Buffer
	b.WriteString("seconds,memory,disk,files\n")
	for _, s := range r.samples {
		fmt.Fprintf(&b, "%.1f,%d,%d,%d\n", s.at.Seconds(), s.memory, s.disk, s.files)
	}
	return b.Bytes()
}
