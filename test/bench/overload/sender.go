package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// flood is what the senders share.
type flood struct {
	s      *server
	url    string
	filler string
	begin  chan struct{}
	until  time.Time // no attempt begins after that
	tally  tally
	odd    atomic.Value // the last status that was neither success nor refusal

	mu    sync.Mutex
	acked map[string]bool // ids of messages
}

// tally counts how attempts ended.
type tally struct{ attempts, acked, refused, cut, dial, wrong, hung atomic.Int64 }

func (n *tally) String() string {
	return fmt.Sprintf("%d attempts: %d acknowledged, %d refused, %d cut off, %d wrong, %d hung",
		n.attempts.Load(), n.acked.Load(), n.refused.Load(), n.cut.Load(), n.wrong.Load(), n.hung.Load())
}

// pace is how a sender writes.
type pace struct {
	piece int
	every time.Duration
}

// The slowest takes longer than any server waits for a body.
var paces = []pace{{64 << 10, 0}, {32 << 10, 100 * time.Millisecond}, {1 << 10, 200 * time.Millisecond}}

// patience is longer than a server may take for a body (30 s) and an answer.
const patience = 45 * time.Second

// sender sends one message, again after a second or two whenever it is refused, as SDKs do.
func (f *flood) sender(ctx context.Context, c net.Conn, i int) {
	<-f.begin
	p := paces[i%len(paces)]
	for try := 0; ; try++ {
		if c == nil {
			var err error
			if c, err = f.s.dial(); err != nil {
				f.tally.attempts.Add(1)
				f.tally.dial.Add(1)
				continue
			}
		}
		keep, again := f.attempt(c, p, fmt.Sprintf("%08d-%06d", i, try), try > 0)
		if !keep {
			c.Close()
			c = nil
		}
		if !again || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Second + rand.N(time.Second))
		if time.Now().After(f.until) {
			break
		}
	}
	if c != nil {
		c.Close()
	}
}

// attempt sends one request, while it waits for an answer, which may come before all is sent.
func (f *flood) attempt(c net.Conn, p pace, id string, head bool) (keep, again bool) {
	f.tally.attempts.Add(1)
	c.SetDeadline(time.Now().Add(patience))
	sent := make(chan error, 1)
	stop := make(chan struct{})
	go func() { sent <- f.write(c, p, id, head, stop) }()
	status, closed, err := answer(c)
	if err != nil || closed || status != http.StatusOK {
		close(stop)
	}
	if err == nil && !closed {
		// An answer before the end of the request: the connection is good for another one only if the request ends.
		c.SetDeadline(time.Now().Add(5 * time.Second))
	} else {
		c.SetDeadline(time.Unix(1, 0))
	}
	whole := <-sent == nil
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		f.tally.hung.Add(1)
		return false, true
	case err != nil:
		f.tally.cut.Add(1)
		return false, true
	case status == http.StatusOK:
		f.tally.acked.Add(1)
		f.mu.Lock()
		if f.acked == nil {
			f.acked = map[string]bool{}
		}
		f.acked[id] = true
		f.mu.Unlock()
		return !closed, false
	case status == http.StatusServiceUnavailable, status == http.StatusRequestTimeout && p.every > 0:
		f.tally.refused.Add(1)
		return whole && !closed, true
	}
	f.tally.wrong.Add(1)
	f.odd.Store(status)
	return false, false
}

var errStopped = errors.New("stopped")

// head is that of a request.
func (f *flood) head(c net.Conn) error {
	_, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n"+
		"Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n", len(f.document())+floodBody+len(documentEnd))
	return err
}

func (f *flood) document() string { return `{"QueueUrl":"` + f.url + `","MessageBody":"` }

const documentEnd = `"}`

// write sends the request, a piece at a time.
func (f *flood) write(c net.Conn, p pace, id string, head bool, stop <-chan struct{}) error {
	if head {
		if err := f.head(c); err != nil {
			return err
		}
	}
	body := io.MultiReader(strings.NewReader(f.document()+id), strings.NewReader(f.filler[:floodBody-len(id)]), strings.NewReader(documentEnd))
	for {
		n, err := io.CopyN(c, body, int64(p.piece))
		if err == io.EOF && n < int64(p.piece) {
			return nil
		}
		if err != nil {
			return err
		}
		if p.every == 0 {
			continue
		}
		select {
		case <-stop:
			return errStopped
		case <-time.After(p.every):
		}
	}
}

// answer reads one.
func answer(c net.Conn) (status int, closed bool, err error) {
	r, err := http.ReadResponse(bufio.NewReaderSize(c, 1<<10), nil)
	if err != nil {
		return 0, false, err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, r.Close, err
}

// missing receives all messages, and returns how many of those that were acknowledged are not there.
func (f *flood) missing(ctx context.Context) (int, error) {
	left := len(f.acked)
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() { errs <- f.receive(ctx, &left) }()
	}
	var err error
	for range cap(errs) {
		err = errors.Join(err, <-errs)
	}
	return left, err
}

func (f *flood) receive(ctx context.Context, left *int) error {
	for {
		var out struct{ Messages []message }
		err := f.s.call(ctx, "ReceiveMessage", map[string]any{"QueueUrl": f.url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 600}, &out)
		if err == errRefused {
			continue
		}
		if err != nil || len(out.Messages) == 0 {
			return err
		}
		f.mu.Lock()
		for _, m := range out.Messages {
			if f.acked[m.Body[:15]] {
				delete(f.acked, m.Body[:15])
				*left--
			}
		}
		f.mu.Unlock()
	}
}
