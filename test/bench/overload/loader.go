package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/process"
)

// kind is what a request asks for. A receive goes on with a visibility change of one of the messages and with deleting all.
type kind int

const (
	send kind = iota
	receive
	hide
	remove
	kinds
)

func (k kind) String() string {
	return [...]string{"sends", "receives", "visibility changes", "deletes"}[k]
}

// loader makes requests of ten messages and counts what becomes of them.
type loader struct {
	addr, url string
	pid       int    // of the server
	sendAll   []byte // the request
	take      []byte
	padding   string // in what is asked of messages received
	counters  [kinds]counter
	unsent    atomic.Int64 // arrivals that found no client

	sent, removed atomic.Int64 // messages, since the beginning
	unknown       atomic.Int64 // messages of sends that were not answered
}

type counter struct {
	tried, ok, refused, failed atomic.Int64
	messages                   atomic.Int64
	mu                         sync.Mutex
	took                       *load.Histogram // of what was served
}

// newLoader makes requests for messages with bodies of this size. Those that ask something of messages received are longer by the
// padding.
func newLoader(s *server, url string, bodySize, padding int) *loader {
	l := &loader{addr: s.p.Addr, pid: s.p.PID(), url: url, padding: strings.Repeat(" ", padding)}
	entries := make([]string, 10)
	for i := range entries {
		entries[i] = fmt.Sprintf(`{"Id":"%d","MessageBody":"%s"}`, i, strings.Repeat("x", bodySize))
	}
	l.sendAll = l.request("SendMessageBatch", `"Entries":[`+strings.Join(entries, ",")+`]`)
	l.take = l.request("ReceiveMessage", `"MaxNumberOfMessages":10,"WaitTimeSeconds":1`)
	for k := range l.counters {
		l.counters[k].took = new(load.Histogram)
	}
	return l
}

func (l *loader) request(action, members string) []byte {
	body := `{"QueueUrl":"` + l.url + `",` + members + `}`
	return fmt.Appendf(nil, "POST / HTTP/1.1\r\nHost: %s\r\nX-Amz-Target: AmazonSQS.%s\r\nContent-Type: application/x-amz-json-1.0\r\n"+
		"Content-Length: %d\r\n\r\n%s", l.addr, action, len(body), body)
}

// client is one connection.
type client struct {
	l    *loader
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

func (l *loader) client() *client { return &client{l: l} }

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// do makes a request, and those that follow from it.
func (c *client) do(k kind) {
	if k == send {
		switch status := c.ask(send, c.l.sendAll); status {
		case 200:
			n := int64(bytes.Count(c.body, []byte(`"MessageId"`)))
			c.l.sent.Add(n)
			c.l.counters[send].messages.Add(n)
		case 0:
			c.l.unknown.Add(10)
		}
		return
	}
	if c.ask(receive, c.l.take) != 200 {
		return
	}
	handles := handlesIn(c.body)
	if len(handles) == 0 {
		return
	}
	c.ask(hide, c.l.request("ChangeMessageVisibility", c.l.padding+`"VisibilityTimeout":60,"ReceiptHandle":"`+handles[0]+`"`))
	entries := make([]string, len(handles))
	for i, h := range handles {
		entries[i] = fmt.Sprintf(`{"Id":"%d","ReceiptHandle":"%s"}`, i, h)
	}
	if c.ask(remove, c.l.request("DeleteMessageBatch", c.l.padding+`"Entries":[`+strings.Join(entries, ",")+`]`)) == 200 {
		n := int64(bytes.Count(c.body, []byte(`"Id"`)))
		c.l.removed.Add(n)
		c.l.counters[remove].messages.Add(n)
	}
}

func handlesIn(body []byte) (handles []string) {
	const name = `"ReceiptHandle":"`
	for {
		i := bytes.Index(body, []byte(name))
		if i < 0 {
			return handles
		}
		body = body[i+len(name):]
		end := bytes.IndexByte(body, '"')
		handles = append(handles, string(body[:end]))
	}
}

// ask sends a request and returns the status of its answer, or 0.
func (c *client) ask(k kind, request []byte) int {
	n := &c.l.counters[k]
	n.tried.Add(1)
	start := time.Now()
	status, err := c.exchange(request)
	switch {
	case err != nil:
		c.close()
		n.failed.Add(1)
	case status == 200:
		n.ok.Add(1)
		n.mu.Lock()
		n.took.Record(time.Since(start))
		n.mu.Unlock()
	case status == 503:
		n.refused.Add(1)
	default:
		n.failed.Add(1)
	}
	return status
}

func (c *client) exchange(request []byte) (status int, err error) {
	if c.conn == nil {
		if c.conn, err = net.DialTimeout("tcp", c.l.addr, 10*time.Second); err != nil {
			return 0, err
		}
		c.in = bufio.NewReaderSize(c.conn, 16<<10)
	}
	c.conn.SetDeadline(time.Now().Add(patience))
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	length, last := 0, false
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		switch {
		case len(name) == 0:
			c.body = append(c.body[:0], make([]byte, length)...)
			_, err := io.ReadFull(c.in, c.body)
			if last {
				c.close()
			}
			return status, err
		case first && len(line) > 12:
			status, err = strconv.Atoi(string(line[9:12]))
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, err = strconv.Atoi(string(bytes.TrimSpace(value)))
		case bytes.EqualFold(name, []byte("Connection")):
			last = bytes.EqualFold(bytes.TrimSpace(value), []byte("close"))
		}
		if err != nil {
			return 0, errors.New("no answer of HTTP/1.1")
		}
	}
}

// phase is what happened in a part of the run.
type phase struct {
	seconds float64
	cpu     float64 // seconds that the server has used
	kinds   [kinds]outcome
	unsent  int64
}

type outcome struct {
	tried, ok, refused, failed, messages int64
	p50, p99                             time.Duration
}

func (o *outcome) refusedShare() float64 { return float64(o.refused) / float64(max(o.tried, 1)) }

func (l *loader) snapshot() (p phase) {
	for k := range l.counters {
		n := &l.counters[k]
		n.mu.Lock()
		p.kinds[k] = outcome{n.tried.Load(), n.ok.Load(), n.refused.Load(), n.failed.Load(), n.messages.Load(),
			n.took.Quantile(.5), n.took.Quantile(.99)}
		n.mu.Unlock()
	}
	p.unsent = l.unsent.Load()
	return p
}

// measure counts what happens in d, after the warm-up.
func (l *loader) measure(ctx context.Context, d time.Duration) *phase {
	wait(ctx, warmUp)
	for k := range l.counters {
		n := &l.counters[k]
		n.mu.Lock()
		n.took = new(load.Histogram)
		n.mu.Unlock()
	}
	before, start := l.snapshot(), time.Now()
	used, known := process.CPUTime(l.pid)
	wait(ctx, d)
	p := l.snapshot()
	p.seconds = time.Since(start).Seconds()
	p.cpu = p.seconds
	if now, ok := process.CPUTime(l.pid); ok && known {
		p.cpu = (now - used).Seconds()
	}
	for k := range p.kinds {
		a, b := &p.kinds[k], &before.kinds[k]
		a.tried, a.ok, a.refused, a.failed, a.messages = a.tried-b.tried, a.ok-b.ok, a.refused-b.refused, a.failed-b.failed, a.messages-b.messages
	}
	p.unsent -= before.unsent
	return &p
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// perSecond is the rate of requests that were served.
func (p *phase) perSecond() (rate [kinds]float64) {
	for k := range p.kinds {
		rate[k] = float64(p.kinds[k].ok) / p.seconds
	}
	return rate
}

// goodput is the rate of messages that were acknowledged to be sent, or to be deleted.
func (p *phase) goodput() float64 {
	return float64(p.kinds[send].messages+p.kinds[remove].messages) / p.seconds
}

// perCPU is the goodput per second of the server's processor time: others may run on its processor.
func (p *phase) perCPU() float64 {
	return float64(p.kinds[send].messages+p.kinds[remove].messages) / max(p.cpu, .01)
}

// offered is the rate at which sends and receives were begun, or would have been if a client had been free.
func (p *phase) offered() float64 {
	return float64(p.kinds[send].tried+p.kinds[receive].tried+p.unsent) / p.seconds
}

func (p *phase) failed() (n int64) {
	for k := range p.kinds {
		n += p.kinds[k].failed
	}
	return n
}

func (p *phase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.0f messages a second, %.0f per second of processor time, of which it got %.0f %%", p.goodput(), p.perCPU(), 100*p.cpu/p.seconds)
	for k := range p.kinds {
		o := &p.kinds[k]
		fmt.Fprintf(&b, "; %s: %d tried, %d done, %d refused, %d failed, %v/%v", kind(k), o.tried, o.ok, o.refused, o.failed, o.p50, o.p99)
	}
	fmt.Fprintf(&b, "; %d found no client", p.unsent)
	return b.String()
}
