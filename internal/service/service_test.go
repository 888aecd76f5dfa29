package service_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

const account = "000000000000"

// fixture is a service over a real engine, a caller, and one queue called q.
type fixture struct {
	*testing.T
	*service.Service
	engine *engine.Engine
	call   *service.Call
	queue  string // URL of q
	clock  atomic.Int64
}

// advance moves the engine's clock, which stands still otherwise.
func (f *fixture) advance(d time.Duration) { f.clock.Add(int64(d)) }

func newFixture(t *testing.T, o *service.Options) *fixture {
	t.Helper()
	st, err := store.Open("", &store.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t}
	f.clock.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano())
	e, err := engine.Open(st, &engine.Options{Now: func() time.Time { return time.Unix(0, f.clock.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	f.engine, f.Service = e, service.New(e, o)
	f.call = &service.Call{
		Account:  account,
		Region:   "us-east-1",
		BaseURL:  "http://localhost:9324",
		SenderID: "AKIDEXAMPLE",
	}
	f.queue = f.create("q")
	return f
}

func (f *fixture) create(name string, as ...api.Attribute) (url string) {
	f.Helper()
	out, err := f.CreateQueue(f.Context(), f.call, &api.CreateQueueInput{QueueName: name, Attributes: as})
	if err != nil {
		f.Fatal(err)
	}
	return out.QueueURL
}

func (f *fixture) send(url, body string) {
	f.Helper()
	_, err := f.SendMessage(f.Context(), f.call, &api.SendMessageInput{QueueURL: url, MessageBody: body})
	if err != nil {
		f.Fatal(err)
	}
}

// receive receives one message that stays visible.
func (f *fixture) receive(in api.ReceiveMessageInput) api.Message {
	f.Helper()
	in.QueueURL, in.VisibilityTimeout = f.queue, new(0)
	out, err := f.ReceiveMessage(f.Context(), f.call, &in)
	if err != nil {
		f.Fatal(err)
	}
	if len(out.Messages) != 1 {
		f.Fatalf("got %d messages, want 1", len(out.Messages))
	}
	return out.Messages[0]
}

// want compares an error with a kind, and, where it is not "", its text. A nil kind means no error.
func want(t *testing.T, err error, kind *api.Kind, text string) {
	t.Helper()
	if kind == nil {
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
		return
	}
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		t.Fatalf("got %v, want %s", err, kind.Name())
	}
	if e.Kind != kind {
		t.Errorf("got %v, want %s: %s", err, kind.Name(), kind.Format)
	}
	if got := e.Message(api.JSON); text != "" && got != text {
		t.Errorf("got text %q, want %q", got, text)
	}
}

func repeat(n int) string { return strings.Repeat("a", n) }

func set(name string, value any) api.Attribute {
	return api.Attribute{Name: name, Value: fmt.Sprint(value)}
}
