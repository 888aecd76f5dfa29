package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// inFaultyBubble runs a test in a bubble with a server that can be told to fail.
func inFaultyBubble(t *testing.T, test func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection)) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		conn, err := sqs.NewFromConfig(srv.Config())
		if err != nil {
			t.Fatal(err)
		}
		test(t, srv, conn)
	})
}

// writeNumbered writes n messages.
func writeNumbered(t *testing.T, q *sqs.Queue, n int) (bodies []string) {
	t.Helper()
	var messages []*sqs.Message
	for i := range n {
		m := q.NewMessage(fmt.Sprintf("m%03d", i))
		if strings.HasSuffix(q.Name(), ".fifo") {
			m.GroupID, m.DeduplicationID = fmt.Sprint("g", i%3), m.Body
		}
		messages, bodies = append(messages, m), append(bodies, m.Body)
	}
	if _, err := q.WriteBatch(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
	return bodies
}

// readAll empties a queue.
func readAll(t *testing.T, q *sqs.Queue) (bodies []string) {
	t.Helper()
	_, err := q.Drain(t.Context(), func(_ context.Context, ms []*sqs.Message) error {
		for _, m := range ms {
			bodies = append(bodies, m.Body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return bodies
}

func contents(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func TestSaveFile_and_LoadFile_lose_nothing(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		raw := sqs.As(q, sqs.RawMessage{})
		sent := &sqs.Message{
			Body: "<a href=\"x\">\u2028 \"quoted\" \\ \t ☃ 😀</a>\r\n", GroupID: "tenant", TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
			MessageAttributes: map[string]sqs.MessageAttribute{
				"s": sqs.StringAttribute("é<>"), "n": {DataType: "Number.int", String: "42"}, "b": sqs.BinaryAttribute([]byte{0, 255}),
			},
		}
		if err := raw.Write(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		write(t, q, "in base64")
		name := filepath.Join(t.TempDir(), "saved.jsonl")
		if r, err := q.SaveFile(t.Context(), name); r.Messages != 2 || err != nil {
			t.Fatalf("save: got %+v, %v", r, err)
		}
		wantEmpty(t, q)
		if _, err := q.SaveFile(t.Context(), name); !errors.Is(err, fs.ErrExist) {
			t.Errorf("over a file: got %v", err)
		}
		other := sqs.As(create(t, conn, "other"), sqs.RawMessage{})
		if r, err := other.LoadFile(t.Context(), name); r.Messages != 2 || r.Line != 2 || r.Uncertain != 0 || err != nil {
			t.Fatalf("load: got %+v, %v", r, err)
		}
		m := read(t, other, sqs.WithAttributes(), sqs.WithMessageAttributes())
		if m.Body != sent.Body || m.GroupID != sent.GroupID || m.TraceHeader != sent.TraceHeader ||
			fmt.Sprint(m.MessageAttributes) != fmt.Sprint(sent.MessageAttributes) {
			t.Errorf("got %+v", m)
		}
		if m := read(t, sqs.As(other, sqs.Base64Message{})); m.Body != "in base64" {
			t.Errorf("got %q", m.Body)
		}
		if left, err := filepath.Glob(name + "*"); len(left) != 1 || err != nil {
			t.Errorf("left over: %q, %v", left, err)
		}
		record, err := sqs.ParseRecord([]byte(strings.SplitN(contents(t, name), "\n", 2)[0]))
		if err != nil || record.MessageID != sent.ID || record.Attributes["ApproximateReceiveCount"] != "1" || record.Attributes["SentTimestamp"] == "" {
			t.Errorf("got %+v, %v", record, err)
		}
	})
}

func TestSaveFile_and_LoadFile_keep_the_order_of_groups(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		fifo := func(name string) *sqs.Queue {
			return create(t, conn, name, sqs.WithQueueAttribute("FifoQueue", "true"))
		}
		q := fifo("q.fifo")
		writeNumbered(t, q, 60)
		name := filepath.Join(t.TempDir(), "saved")
		if _, err := q.SaveFile(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time the server knows all of them
			if r, err := q.LoadFile(t.Context(), name); r.Messages != 60 || err != nil {
				t.Fatalf("load: got %+v, %v", r, err)
			}
		}
		last := map[string]string{}
		n := 0
		_, err := q.Drain(t.Context(), func(_ context.Context, ms []*sqs.Message) error {
			for _, m := range ms {
				if n++; m.Body <= last[m.GroupID] {
					t.Errorf("group %s: %s after %s", m.GroupID, m.Body, last[m.GroupID])
				}
				last[m.GroupID] = m.Body
			}
			return nil
		})
		if n != 60 || err != nil {
			t.Errorf("got %d messages, %v", n, err)
		}
	})
}

// Whatever interrupts a save, the next call ends with each message in the file once.
func TestSaveFile_is_taken_up(t *testing.T) {
	for name, interrupt := range map[string]func(srv *sqstest.Server, name string){
		"the deletes are lost": func(srv *sqstest.Server, _ string) {
			srv.Fail(sqstest.Rule{Action: "DeleteMessageBatch", Error: sqs.ErrAccessDenied, Times: 1})
		},
		"the answer to a delete is lost": func(srv *sqstest.Server, _ string) {
			srv.Fail(sqstest.Rule{Action: "DeleteMessageBatch", Drop: sqstest.DropAnswer, Times: 3})
		},
		"a receive fails": func(srv *sqstest.Server, _ string) {
			srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Error: sqs.ErrAccessDenied, Times: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
				q := create(t, conn, "q")
				want := writeNumbered(t, q, 45)
				file := filepath.Join(t.TempDir(), "saved")
				first, err := q.SaveFile(t.Context(), file, sqs.WithDrain(func(o *sqs.DrainOptions) {
					o.Progress = func(r sqs.DrainResult) {
						if r.Messages == 20 {
							interrupt(srv, file)
						}
					}
				}))
				if err == nil {
					t.Fatalf("got %+v, want an error", first)
				}
				if _, err := os.Stat(file); err == nil {
					t.Error("the file is there before it is whole")
				}
				f, err := os.OpenFile(file+sqs.PartialSuffix, os.O_APPEND|os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprint(f, `{"MessageId":"torn","Bo`)
				f.Close()
				time.Sleep(5 * time.Minute)
				second, err := q.SaveFile(t.Context(), file)
				if err != nil || first.Messages+second.Messages < 45 {
					t.Fatalf("got %+v, then %+v, %v", first, second, err)
				}
				var got []string
				for line := range strings.Lines(contents(t, file)) {
					r, err := sqs.ParseRecord([]byte(line))
					if err != nil {
						t.Fatal(err)
					}
					body, err := sqs.Base64Message{}.Decode(r.Body)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, body)
				}
				if !slices.Equal(sorted(got), want) {
					t.Errorf("got %d messages: %q", len(got), got)
				}
				wantEmpty(t, q)
			})
		})
	}
}

// A save that is taken up at once does not take the queue for empty while messages are invisible that the interrupted one
// had in its hands: neither those that are in the file already, nor the others.
func TestSaveFile_is_taken_up_at_once(t *testing.T) {
	inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		for _, name := range []string{"q", "q.fifo"} {
			var as []func(*sqs.CreateOptions)
			if name == "q.fifo" {
				as = append(as, sqs.WithQueueAttribute("FifoQueue", "true"))
			}
			q := create(t, conn, name, as...)
			writeNumbered(t, q, 45)
			file := filepath.Join(t.TempDir(), "saved")
			srv.Fail(sqstest.Rule{Action: "DeleteMessageBatch", Error: sqs.ErrAccessDenied, Times: 1})
			if r, err := q.SaveFile(t.Context(), file); r.Messages != 10 || err == nil {
				t.Fatalf("got %+v, %v, want the first page and an error", r, err)
			}
			// As if it had been killed while it wrote this page.
			page, err := q.Messages(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page {
				note := strings.Replace(contents(t, file+sqs.PageSuffix), "]", fmt.Sprintf(`,{"ID":%q,"Handle":%q}]`, m.ID, m.ReceiptHandle), 1)
				if err := os.WriteFile(file+sqs.PageSuffix, []byte(note), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r, err := q.SaveFile(t.Context(), file)
			if err != nil || r.Messages != 35 {
				t.Errorf("%s: got %+v, %v, want the other 35 messages", name, r, err)
			}
			if left := srv.Messages(name); len(left) != 0 {
				t.Errorf("%s: %d messages are left", name, len(left))
			}
			if left, err := filepath.Glob(file + "*"); len(left) != 1 || err != nil {
				t.Errorf("%s: left over: %q, %v", name, left, err)
			}
		}
	})
}

func TestSaveFile_refuses_what_is_no_partial_file(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		write(t, q, "a")
		name := filepath.Join(t.TempDir(), "saved")
		damaged := "{\"MessageId\":\"1\",\"Body\":\"a\"}\nno message\n{\"MessageId\":\"2\",\"Body\":\"b\"}\n"
		if err := os.WriteFile(name+sqs.PartialSuffix, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := q.SaveFile(t.Context(), name); err == nil || !strings.Contains(err.Error(), "line 2 ") {
			t.Errorf("got %v", err)
		}
		if _, err := q.SaveFile(t.Context(), name, sqs.WithFormat(sqs.FormatBoto, "")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("boto's format: got %v", err)
		}
		if got := contents(t, name+sqs.PartialSuffix); got != damaged {
			t.Errorf("got %q", got)
		}
		if got := readAll(t, q); len(got) != 1 {
			t.Errorf("in the queue: %q", got)
		}
	})
}

// As boto 2.49 saved it (run).
func TestSave_in_botos_format(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		for _, body := range []string{"a", "b\n", "c"} {
			write(t, q, body)
		}
		var dumped, saved strings.Builder
		if r, err := q.Dump(t.Context(), &dumped, sqs.WithFormat(sqs.FormatBoto, "--"), sqs.WithDrain(func(o *sqs.DrainOptions) { o.Visibility = 10 * time.Second })); r.Messages != 3 || err != nil {
			t.Errorf("dump: got %+v, %v", r, err)
		}
		time.Sleep(10 * time.Second)
		if r, err := q.Save(t.Context(), &saved, sqs.WithFormat(sqs.FormatBoto, "")); r.Messages != 3 || r.Bytes != 12 || err != nil {
			t.Errorf("save: got %+v, %v", r, err)
		}
		if got, want := dumped.String(), "a--b\n--c--"; got != want {
			t.Errorf("dumped %q, want %q", got, want)
		}
		if got, want := saved.String(), "a\nb\n\nc\n"; got != want {
			t.Errorf("saved %q, want %q", got, want)
		}
		wantEmpty(t, q)
	})
}

func TestDump_ends_when_messages_come_again(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		writeNumbered(t, q, 15)
		var pages int
		_, err := q.Dump(t.Context(), writerFunc(func(b []byte) (int, error) {
			pages++
			time.Sleep(3 * time.Second)
			return len(b), nil
		}), sqs.WithDrain(func(o *sqs.DrainOptions) { o.Visibility = 2 * time.Second }))
		if err == nil || pages == 0 {
			t.Errorf("got %v after %d pages", err, pages)
		}
		time.Sleep(time.Minute)
		if got := readAll(t, q); len(got) != 15 {
			t.Errorf("left in the queue: %q", got)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// A message is not deleted before the writer has it, and the page that it has is deleted although the context ends.
func TestSave_deletes_what_is_written(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		writeNumbered(t, q, 25)
		full := errors.New("disk is full")
		n := 0
		r, err := q.Save(t.Context(), writerFunc(func(b []byte) (int, error) {
			if n++; n == 2 {
				return 0, full
			}
			return len(b), nil
		}))
		if r.Messages != 10 || !errors.Is(err, full) {
			t.Errorf("got %+v, %v", r, err)
		}
		time.Sleep(2 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		r, err = q.Save(ctx, writerFunc(func(b []byte) (int, error) {
			cancel()
			return len(b), nil
		}))
		if r.Messages != 10 || !errors.Is(err, context.Canceled) {
			t.Errorf("got %+v, %v", r, err)
		}
		time.Sleep(2 * time.Minute)
		if got := readAll(t, q); len(got) != 5 {
			t.Errorf("left in the queue: %q", got)
		}
	})
}

func TestDrain_limit(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "q")
		writeNumbered(t, q, 25)
		r, err := q.Drain(t.Context(), func(context.Context, []*sqs.Message) error { return nil }, func(o *sqs.DrainOptions) { o.Limit = 12 })
		if r.Messages != 12 || err != nil {
			t.Errorf("got %+v, %v", r, err)
		}
		if got := readAll(t, q); len(got) != 13 {
			t.Errorf("left in the queue: %q", got)
		}
	})
}

// A FIFO queue is not empty as long as a message in flight hides others of its group.
func TestDrain_waits_for_groups(t *testing.T) {
	inFaultyBubble(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q.fifo", sqs.WithQueueAttribute("FifoQueue", "true"))
		writeNumbered(t, q, 45)
		if _, err := q.Messages(t.Context(), 1, sqs.WithVisibility(10*time.Minute)); err != nil {
			t.Fatal(err)
		}
		keep := func(context.Context, []*sqs.Message) error { return nil }
		r, err := q.Drain(t.Context(), keep)
		if want := 30; r.Messages != want || err == nil || !strings.Contains(err.Error(), "14 messages cannot be received") {
			t.Errorf("got %+v, %v, want the %d messages of the other groups", r, err, want)
		}
		r, err = q.Drain(t.Context(), keep, func(o *sqs.DrainOptions) { o.Visibility, o.Wait = time.Hour, new(time.Duration) })
		if r.Messages != 15 || err != nil || len(srv.Messages("q.fifo")) != 0 {
			t.Errorf("got %+v, %v, want the others when the message is visible again", r, err)
		}
	})
}
