//go:build spike

package store

// One million messages in 100,000 groups: what FIFO and fair queues will need. See internal/engine/spike_test.go.

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

func (b *Batch) spikeGroup(q QueueID, group string, seq, head, tail, count uint64) {
	start := b.begin(opSet)
	b.buf = binary.BigEndian.AppendUint64(append(b.buf, groupKey(prefixGroupMsg, q, group)...), seq)
	b.end(start)
	b.noValue()
	start = b.begin(opSet)
	b.buf = append(b.buf, groupKey(prefixGroup, q, group)...)
	b.end(start)
	start = b.room()
	from := len(b.buf)
	b.buf = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(appendHeader(b.buf), head), tail), count)
	b.buf = appendChecksum(b.buf, from)
	b.end(start)
}

func TestSpikeGrouped(t *testing.T) {
	const messages, groups = 1_000_000, 100_000
	dir := t.TempDir()
	s, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	body := strings.Repeat("x", 200)
	var last *Pending
	for seq := uint64(1); seq <= messages; {
		fx := NewBatch()
		for range 10 {
			group := fmt.Sprintf("tenant-%d", seq*7919%groups)
			n := (seq-1)/groups + 1
			fx.PutMessage(1, seq, &Message{Body: body, GroupID: group, SentAt: int64(seq)})
			fx.spikeGroup(1, group, seq, seq%groups, seq, n)
			seq++
		}
		fx.PutCounters(1, &Counters{NextSeq: seq, Low: 1, Live: int64(seq)})
		last = s.Append(fx)
		if seq%320 == 1 { // 32 callers with one batch each in flight
			if err := last.Wait(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := last.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Logf("loaded %d messages in %d groups at %.0f/s, disk %d MiB", messages, groups, messages/time.Since(start).Seconds(), s.DiskBytes()>>20)
	s.Close()
	start = time.Now()
	if s, err = Open(dir, nil); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	t.Logf("opened in %v", time.Since(start).Round(time.Millisecond))
	start = time.Now()
	found := 0
	for i := range 1000 {
		group := fmt.Sprintf("tenant-%d", i*97%groups)
		from := groupKey(prefixGroupMsg, 1, group)
		err := s.scan(from, append(from[:len(from):len(from)], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), func(key, _ []byte) (bool, error) {
			found++
			return false, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("found the head of %d of 1000 groups, %v each", found, (time.Since(start) / 1000).Round(time.Microsecond))
	start = time.Now()
	count := 0
	err = s.scan(queueKey(nil, prefixGroup, 1), queueKey(nil, prefixGroup, 2), func(_, _ []byte) (bool, error) {
		count++
		return count < 1000, nil
	})
	if err != nil || count != 1000 {
		t.Fatal(count, err)
	}
	t.Logf("a window of 1000 groups is read in %v", time.Since(start).Round(time.Microsecond))
}
