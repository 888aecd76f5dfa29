package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

func TestWriteAndRead(t *testing.T) {
	bodies := []string{
		"hello", "a\r\nb\t", "café ☃ 😀", `<&>"'`, " lead & trail ", strings.Repeat("x", 700_000),
	}
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		encoded := create(t, conn, "orders")
		for _, q := range []*sqs.Queue{encoded, sqs.As(encoded, sqs.RawMessage{})} {
			for _, body := range bodies {
				sent := write(t, q, body)
				got := read(t, q)
				if got.Body != body || got.ID != sent.ID || got.MD5 != sent.MD5 || got.ID == "" || got.MD5 == "" {
					t.Errorf("got %.40q with id %q and MD5 %q; want %.40q with %q and %q", got.Body, got.ID, got.MD5, body, sent.ID, sent.MD5)
				}
				stored, err := sent.EncodedBody()
				if err != nil || got.Stored() != stored {
					t.Errorf("got stored text %.40q, want %.40q (%v)", got.Stored(), stored, err)
				}
				if err := got.Delete(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
		wantEmpty(t, encoded)
	})
}

// Control characters are what boto encodes bodies for.
func TestWriteControlCharacters(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		write(t, q, "\x00\x01\x02")
		if got := read(t, q).Body; got != "\x00\x01\x02" {
			t.Errorf("got %q", got)
		}
		raw := sqs.As(q, sqs.RawMessage{})
		for _, body := range []string{"\x00\x01\x02", "\xff\xfe"} {
			if err := raw.Write(t.Context(), raw.NewMessage(body)); !errors.Is(err, sqs.ErrInvalidMessageContents) {
				t.Errorf("%q: got %v, want ErrInvalidMessageContents", body, err)
			}
		}
	})
}

func TestBinaryBodies(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := sqs.As(create(t, conn, "orders"), sqs.BinaryMessage{})
		write(t, q, []byte{0xff, 0x00, 0xfe})
		if got := read(t, q).Body; string(got) != "\xff\x00\xfe" {
			t.Errorf("got %x", got)
		}
	})
}

func TestMessageAttributes(t *testing.T) {
	attributes := map[string]sqs.MessageAttribute{
		"name":  sqs.StringAttribute("x <y> ☃"),
		"size":  {DataType: "Number.int", String: "42"},
		"blob":  sqs.BinaryAttribute([]byte{0, 0xff, 10}),
		"price": sqs.NumberAttribute("0.10"),
	}
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		sent := &sqs.Message{Body: "x", MessageAttributes: attributes, TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793"}
		if err := q.Write(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		if sent.MD5OfMessageAttributes == "" {
			t.Error("no digest of the attributes")
		}
		plain := read(t, q, sqs.WithVisibility(0))
		if len(plain.MessageAttributes) != 0 || len(plain.Attributes) != 0 {
			t.Errorf("got %v and %v, want no attributes since none was asked for", plain.MessageAttributes, plain.Attributes)
		}
		some := read(t, q, sqs.WithVisibility(0), sqs.WithMessageAttributes("size", "p*"))
		if want := map[string]sqs.MessageAttribute{"size": attributes["size"]}; !reflect.DeepEqual(some.MessageAttributes, want) {
			t.Errorf("got %v, want %v", some.MessageAttributes, want)
		}
		all := read(t, q, sqs.WithMessageAttributes(), sqs.WithAttributes())
		if !reflect.DeepEqual(all.MessageAttributes, attributes) || all.MD5OfMessageAttributes != sent.MD5OfMessageAttributes {
			t.Errorf("got %v with MD5 %s; want %v with %s", all.MessageAttributes, all.MD5OfMessageAttributes, attributes, sent.MD5OfMessageAttributes)
		}
		if all.TraceHeader != sent.TraceHeader {
			t.Errorf("got trace header %q, want %q", all.TraceHeader, sent.TraceHeader)
		}
		if n, err := all.Attributes.Int(sqs.SystemAttributeReceiveCount); n != 3 || err != nil {
			t.Errorf("got receive count %d, %v; want 3", n, err)
		}
		if at, err := all.Attributes.Time(sqs.SystemAttributeSentTimestamp); err != nil || time.Since(at).Abs() > time.Hour {
			t.Errorf("got sent %v, %v; want about now", at, err)
		}
	})
}

func TestDelay(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders", sqs.WithQueueAttribute(sqs.AttributeDelaySeconds, "60"))
		at := map[string]*time.Duration{"queue's": nil, "none": new(time.Duration(0)), "rounded up": new(1500 * time.Millisecond)}
		for body, delay := range at {
			m := q.NewMessage(body)
			m.Delay = delay
			if err := q.Write(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "none"}, {1999 * time.Millisecond, ""}, {time.Millisecond, "rounded up"}, {57 * time.Second, ""}, {time.Second, "queue's"}} {
			pass(step.after)
			if step.want == "" {
				wantEmpty(t, q)
				continue
			}
			m := read(t, q)
			if m.Body != step.want {
				t.Errorf("got %q, want %q", m.Body, step.want)
			}
			if err := m.Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestVisibility(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q := create(t, conn, "orders")
		write(t, q, "x")

		read(t, q, sqs.WithVisibility(0))
		first := read(t, q, sqs.WithVisibility(time.Hour))
		pass(time.Hour - time.Second)
		wantEmpty(t, q)
		pass(time.Second)
		second := read(t, q) // the queue's 30 s
		if second.ID != first.ID || second.ReceiptHandle == first.ReceiptHandle {
			t.Errorf("got %s again by %s, want %s by another handle", second.ID, second.ReceiptHandle, first.ID)
		}
		pass(29 * time.Second)
		if err := second.ChangeVisibility(ctx, time.Minute); err != nil {
			t.Fatal(err)
		}
		pass(59 * time.Second)
		wantEmpty(t, q)
		if err := q.ChangeMessageVisibility(ctx, second.ReceiptHandle, 0); err != nil {
			t.Fatal(err)
		}
		third := read(t, q)
		if err := third.ChangeVisibility(ctx, 13*time.Hour); !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("13 hours: got %v, want ErrInvalidParameterValue", err)
		}
		if err := q.DeleteMessage(ctx, third.ReceiptHandle); err != nil {
			t.Fatal(err)
		}
		if err := q.DeleteMessage(ctx, "nonsense"); !errors.Is(err, sqs.ErrReceiptHandleIsInvalid) {
			t.Errorf("got %v, want ErrReceiptHandleIsInvalid", err)
		}
		pass(time.Minute)
		wantEmpty(t, q)
	})
}

func TestWait(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders", sqs.WithQueueAttribute(sqs.AttributeReceiveMessageWaitTimeSeconds, "3"))
		for _, test := range []struct {
			name string
			opts []func(*sqs.ReadOptions)
			want time.Duration
		}{
			{"queue's", nil, 3 * time.Second},
			{"none", []func(*sqs.ReadOptions){sqs.WithWait(0)}, 0},
			{"its own", []func(*sqs.ReadOptions){sqs.WithWait(20 * time.Second)}, 20 * time.Second},
		} {
			start := time.Now()
			wantEmpty(t, q, test.opts...)
			if got := time.Since(start); got != test.want {
				t.Errorf("%s: waited %v, want %v", test.name, got, test.want)
			}
		}

		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := q.Read(ctx, sqs.WithWait(20*time.Second)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}

		time.AfterFunc(7*time.Second, func() { write(t, q, "woken") })
		start := time.Now()
		if got := read(t, q, sqs.WithWait(20*time.Second)).Body; got != "woken" || time.Since(start) != 7*time.Second {
			t.Errorf("got %q after %v, want it after 7s", got, time.Since(start))
		}
	})
}

// pass lets d go by in a bubble.
func pass(d time.Duration) { <-time.After(d) }

func TestMessageOfNoQueue(t *testing.T) {
	m := &sqs.Message{Body: "x"}
	if err := m.Delete(t.Context()); err == nil {
		t.Error("deleted")
	}
	if err := m.ChangeVisibility(t.Context(), 0); err == nil {
		t.Error("changed")
	}
	if _, err := m.Len(); err == nil {
		t.Error("has a length")
	}
	q := create(t, connect(t, newServer(t)), "orders")
	if err := q.Write(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if n, err := m.Len(); n != 4 || err != nil {
		t.Errorf("got length %d, %v after writing; want 4", n, err)
	}
}

// One queue is shared by many goroutines; go test -race watches.
func TestConcurrentUse(t *testing.T) {
	const goroutines, each = 16, 20
	q := create(t, connect(t, newServer(t)), "orders")
	var seen sync.Map
	var work sync.WaitGroup
	for g := range goroutines {
		work.Go(func() {
			for i := range each {
				if err := q.Write(t.Context(), q.NewMessage(fmt.Sprint(g, "/", i))); err != nil {
					t.Error(err)
				}
				m, err := q.Read(t.Context(), sqs.WithWait(20*time.Second))
				if err != nil {
					t.Error(err)
					continue
				}
				if _, twice := seen.LoadOrStore(m.Body, true); twice {
					t.Errorf("%s was read twice", m.Body)
				}
				if err := m.Delete(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	wantEmpty(t, q)
}
