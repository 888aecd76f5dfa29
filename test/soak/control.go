package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// control is what the machine itself needs, beside the traffic: a request to a server that does nothing, in this process, and
// the sync of a file. When others use the machine, it becomes slower as the traffic does; latencies are judged by that.
type control struct {
	http *http.Server
	url  string
	file *os.File
}

const controlKind = "control"

func newControl(dir string) (*control, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, "control"))
	if err != nil {
		l.Close()
		return nil, err
	}
	c := &control{&http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}, "http://" + l.Addr().String(), f}
	go func() { _ = c.http.Serve(l) }() // until close
	return c, nil
}

func (c *control) close() {
	c.http.Close()
	c.file.Close()
}

// once is one measurement.
func (c *control) once(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if _, err := c.file.WriteAt(make([]byte, 4<<10), 0); err != nil {
		return err
	}
	return c.file.Sync()
}

// controlled measures until ctx ends.
func (t *traffic) controlled(ctx context.Context, c *control) {
	t.every(ctx, 10/t.rate, func() {
		began := time.Now()
		if err := c.once(ctx); err == nil {
			t.latency.record(controlKind, time.Since(began))
		}
	})
}
