//go:build spike

package engine

// The spike loads the stored format with what it must bear, before the format is declared. It measures and asserts
// only that nothing is lost. Run it with: make spike

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

const spikeMessages = 1_000_000

type spike struct {
	t   *testing.T
	dir string
	e   *Engine
	st  *store.Store
}

func newSpike(t *testing.T, dir string, reserve uint64) *spike {
	s := &spike{t: t, dir: dir}
	s.open(reserve)
	t.Cleanup(func() { s.e.Close() })
	return s
}

func (s *spike) open(reserve uint64) {
	s.t.Helper()
	var err error
	if s.st, err = store.Open(s.dir, &store.Options{Reserve: reserve, Log: slog.New(slog.DiscardHandler)}); err != nil {
		s.t.Fatal(err)
	}
	if s.e, err = Open(s.st, nil); err != nil {
		s.t.Fatal(err)
	}
}

// noise is text that does not compress.
func noise(n int) string {
	raw := make([]byte, n/2)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// load sends n messages of 200 bytes in batches of ten from 32 goroutines.
func (s *spike) load(q *Queue, n int, delay time.Duration) {
	body := noise(200)
	start := time.Now()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range n / 32 / 10 {
				batch := make([]NewMessage, 10)
				for i := range batch {
					batch[i] = NewMessage{Body: body, Delay: delay}
				}
				if _, err := q.Send(context.Background(), batch); err != nil {
					s.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	s.report("loaded %d at %.0f/s", n, float64(n)/time.Since(start).Seconds())
}

// cycle receives and deletes n messages, ten at a time, from 8 goroutines.
func (s *spike) cycle(q *Queue, n int) {
	start := time.Now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range n / 8 / 10 {
				ds, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: -1})
				if err != nil || len(ds) != 10 {
					s.t.Errorf("received %d: %v", len(ds), err)
					return
				}
				handles := make([]string, len(ds))
				for i := range ds {
					handles[i] = ds[i].Handle
				}
				if _, err := q.DeleteMessages(context.Background(), handles); err != nil {
					s.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.report("received and deleted %d at %.0f/s", n, float64(n)/time.Since(start).Seconds())
}

func (s *spike) reopen() {
	s.t.Helper()
	s.e.Close()
	start := time.Now()
	s.open(0)
	s.report("opened in %v", time.Since(start).Round(time.Millisecond))
}

func (s *spike) report(format string, args ...any) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	rss := "?"
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			if after, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				rss = strings.TrimSpace(after)
			}
		}
	}
	s.t.Logf("%s: %s (heap %d MiB, resident %s, disk %d MiB)", s.t.Name(), fmt.Sprintf(format, args...), m.HeapAlloc>>20, rss, s.st.DiskBytes()>>20)
}

func (s *spike) queue(name string) *Queue {
	s.t.Helper()
	q, err := s.e.Queue(key(name))
	if errors.Is(err, ErrNoQueue) {
		q, err = s.e.Create(context.Background(), key(name), Definition{}, nil)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return q
}

func (s *spike) counts(q *Queue) Counts {
	s.t.Helper()
	start := time.Now()
	c, err := q.Counts(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	s.report("first look at the queue: %+v in %v", c, time.Since(start).Round(time.Microsecond))
	return c
}

func TestSpikeWaiting(t *testing.T) {
	s := newSpike(t, t.TempDir(), 0)
	s.load(s.queue("shallow"), 32_000, 0)
	s.cycle(s.queue("shallow"), 8_000)
	s.load(s.queue("deep"), spikeMessages, 0)
	s.cycle(s.queue("deep"), 80_000)
	s.reopen()
	if c := s.counts(s.queue("deep")); c.Visible != spikeMessages-80_000 {
		t.Errorf("%+v", c)
	}
	s.cycle(s.queue("deep"), 80_000)
}

func TestSpikeDelayed(t *testing.T) {
	s := newSpike(t, t.TempDir(), 0)
	s.load(s.queue("delayed"), spikeMessages, 15*time.Minute)
	s.reopen()
	if c := s.counts(s.queue("delayed")); c.Delayed != spikeMessages {
		t.Errorf("%+v", c)
	}
	s.load(s.queue("delayed"), 32_000, 0) // behind a million delayed ones
	s.cycle(s.queue("delayed"), 16_000)
}

// TestSpikeFullDisk fills a small file system, which BUFEO_SPIKE_SMALL_DISK names, until sends are refused, and
// empties it again.
func TestSpikeFullDisk(t *testing.T) {
	dir := os.Getenv("BUFEO_SPIKE_SMALL_DISK")
	if dir == "" {
		t.Fatal("BUFEO_SPIKE_SMALL_DISK must name a folder on a file system of some 2 GiB")
	}
	s := newSpike(t, dir+"/data", 200<<20)
	q := s.queue("q")
	body, sent := noise(100_000), 0
	for {
		_, err := q.Send(context.Background(), []NewMessage{{Body: body}})
		if errors.Is(err, ErrDiskFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sent++
	}
	s.report("refused after %d messages of 100 KB", sent)
	got := 0
	for {
		ds, err := q.Receive(context.Background(), ReceiveParams{Max: 10, Visibility: -1})
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) == 0 {
			break
		}
		got += len(ds)
		for _, d := range ds {
			if _, err := q.DeleteMessages(context.Background(), []string{d.Handle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got != sent {
		t.Errorf("received %d of %d", got, sent)
	}
	s.report("emptied")
	for start := time.Now(); ; {
		if _, err := q.Send(context.Background(), []NewMessage{{Body: body}}); err == nil {
			s.report("sends work again after %v", time.Since(start).Round(time.Millisecond))
			return
		}
		if time.Since(start) > 30*time.Second {
			t.Fatal("sends are still refused: the space of what was deleted has not come back")
		}
		<-time.After(100 * time.Millisecond)
	}
}
