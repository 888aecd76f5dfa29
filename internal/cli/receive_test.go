package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/bufeomq/bufeo/sqstest"
)

// filled is a server with a queue of n messages, and a shell for it.
func filled(t *testing.T, n int) (*sqstest.Server, shell) {
	t.Helper()
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "body %d\n", i)
	}
	filling := sh
	filling.stdin = lines.String()
	filling.ok(t, "send orders --lines")
	return srv, sh
}

type receivedMessages struct{ Messages []received }

func TestReceive_pages(t *testing.T) {
	srv, sh := filled(t, 25)
	for _, c := range []struct {
		args string
		want int
	}{{"", 1}, {"--max 10", 10}, {"--max 12 --delete", 12}, {"--max 100 --wait 0", 2}, {"--max 5", 0}} {
		got := into[receivedMessages](t, sh.ok(t, "receive orders "+c.args))
		if len(got.Messages) != c.want {
			t.Errorf("%q: got %d messages, want %d", c.args, len(got.Messages), c.want)
		}
	}
	if got := len(srv.Messages("orders")); got != 13 {
		t.Errorf("%d messages are left, want 13", got)
	}
}

// broken is a stdout that takes so many writes.
type broken struct{ writes int }

func (b *broken) Write(p []byte) (int, error) {
	if b.writes--; b.writes < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

// TestReceive_deletes_what_was_printed and nothing else: what could not be printed stays in the queue.
func TestReceive_deletes_what_was_printed(t *testing.T) {
	for _, line := range []string{"receive orders --max 3 --delete", "receive orders --follow --count 3 --delete"} {
		srv, sh := filled(t, 3)
		if code := sh.process(&broken{}, io.Discard, strings.Fields(line)...).Run(t.Context()); code != 1 || len(srv.Messages("orders")) != 3 {
			t.Errorf("%s: got exit %d, and %d messages are left, want 3", line, code, len(srv.Messages("orders")))
		}
	}
}

// TestReceive_follow reads what follow prints, as it comes, and ends it by Ctrl-C.
func TestReceive_follow(t *testing.T) {
	srv, sh := filled(t, 2)
	signals := make(chan chan<- os.Signal, 1)
	sh.notify = func(c chan<- os.Signal) { signals <- c }
	r, w := io.Pipe()
	var stderr strings.Builder
	code := make(chan int)
	go func() { code <- sh.process(w, &stderr, "receive", "orders", "--follow", "--delete").Run(t.Context()) }()
	lines := bufio.NewScanner(r)
	for i := range 3 {
		if i == 2 { // it has waited for this one
			at(srv).ok(t, "send orders later")
		}
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		m := into[received](t, lines.Text())
		if want := map[bool]string{true: "later", false: fmt.Sprintf("body %d", i)}[i == 2]; m.Body != want || m.MessageID == "" || m.ReceiptHandle == "" {
			t.Errorf("got %+v, want %s", m, want)
		}
	}
	(<-signals) <- syscall.SIGINT
	if got := <-code; got != 0 || stderr.String() != "" {
		t.Errorf("got exit %d, %s", got, stderr.String())
	}
	if left := srv.Messages("orders"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestReceive_follow_feeds_send is the pipe that the help shows.
func TestReceive_follow_feeds_send(t *testing.T) {
	srv, sh := filled(t, 30)
	sh.ok(t, "queue create archive")
	sh.ok(t, "send orders with --attribute kind=x")
	sh.stdin = sh.ok(t, "receive orders --follow --count 31 --delete")
	sh.ok(t, "send archive --jsonl")
	got := srv.Messages("archive")
	if len(got) != 31 || len(srv.Messages("orders")) != 0 {
		t.Fatalf("got %d messages, want 31", len(got))
	}
	if n := strings.Count(fmt.Sprint(got), "kind"); n != 1 {
		t.Errorf("%d messages have the attribute, want 1", n)
	}
}

func TestReceive_mistakes(t *testing.T) {
	_, sh := filled(t, 0)
	for _, line := range []string{
		"receive", "receive orders --max 0", "receive orders --count 3", "receive orders --follow --count -1", "receive orders --follow --wait 0",
		"receive orders extra", "receive orders --wait long",
	} {
		if r := sh.run(strings.Fields(line)...); r.code != 2 || !strings.Contains(r.stderr, "\nhint: ") {
			t.Errorf("%s: got exit %d, %s", line, r.code, r.stderr)
		}
	}
}

func TestMessage_release_extend_delete(t *testing.T) {
	_, sh := filled(t, 2)
	got := into[receivedMessages](t, sh.ok(t, "receive orders --max 2")).Messages
	a, b := got[0].ReceiptHandle, got[1].ReceiptHandle
	sh.okArgs(t, "message", "release", "orders", a, b)
	if got := sh.ok(t, "receive orders --max 2 --output text"); strings.Count(got, "\n") != 2 {
		t.Errorf("after release: got %s, want both messages", got)
	}
	srv, sh := filled(t, 1)
	h := into[receivedMessages](t, sh.ok(t, "receive orders")).Messages[0].ReceiptHandle
	sh.okArgs(t, "message", "extend", "orders", "--for", "1h", h)
	if got := srv.Messages("orders")[0].State; got != sqstest.InFlight {
		t.Errorf("after extend: got %v", got)
	}
	sh.okArgs(t, "message", "extend", "orders", "--for", "0", h)
	if got := srv.Messages("orders")[0].State; got != sqstest.Visible {
		t.Errorf("after extend --for 0: got %v", got)
	}
	if r := sh.run("message", "extend", "orders", h); r.code != 2 {
		t.Errorf("extend without --for: got exit %d", r.code)
	}
	sh.okArgs(t, "message", "delete", "orders", h)
	if r := sh.run("message", "delete", "orders"); r.code != 2 {
		t.Errorf("delete without a handle: got exit %d", r.code)
	}
}
