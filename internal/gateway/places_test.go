package gateway_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/gateway"
)

// With one place for sends, a second one waits for it, and is refused when it has waited. Nothing else needs a place.
func TestPlaces(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	f := newFixture(t, &gateway.Options{Sends: 1, Patience: time.Millisecond, Around: func(_ context.Context, r *gateway.Request, next func() (any, error)) (any, error) {
		if r.Action == "SendMessage" {
			begun <- struct{}{}
			<-end
		}
		return next()
	}})
	f.json("CreateQueue", `{"QueueName":"q"}`)
	const body = `{"QueueUrl":"q","MessageBody":"x"}`
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- f.json("SendMessage", body) }()
	<-begun
	for _, c := range []struct {
		name   string
		answer *httptest.ResponseRecorder
		want   int
	}{
		{"send", f.json("SendMessage", body), 503},
		{"send_as_a_form", f.form("Action=SendMessage&QueueUrl=q&MessageBody=x"), 503},
		{"receive", f.json("ReceiveMessage", `{"QueueUrl":"q"}`), 200},
		{"delete", f.json("DeleteMessageBatch", `{"QueueUrl":"q","Entries":[{"Id":"a","ReceiptHandle":"x"}]}`), 200},
	} {
		if c.answer.Code != c.want {
			t.Errorf("%s: got %d %s, want %d", c.name, c.answer.Code, c.answer.Body, c.want)
		}
	}
	close(end)
	if w := <-first; w.Code != 200 {
		t.Errorf("the first send: got %d %s", w.Code, w.Body)
	}
	go func() { <-begun }()
	if w := f.json("SendMessage", body); w.Code != 200 {
		t.Errorf("after it: got %d %s", w.Code, w.Body)
	}
}

// Who sends a body slowly does not keep the place.
func TestPlaces_slow_body(t *testing.T) {
	bothWays(t, func(t *testing.T, serve func(*fixture) string) {
		f := newFixture(t, &gateway.Options{Sends: 1, Patience: 20 * time.Second})
		f.json("CreateQueue", `{"QueueName":"q"}`)
		address := serve(f)
		const begin, end = `{"QueueUrl":"q","MessageBody":"`, `"}`
		slow := dial(t, address)
		text := begin + strings.Repeat("x", 100) + end
		slow.write(strings.Replace(head("SendMessage", len(text)), "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1))
		if status, _ := slow.answer(); status != 100 {
			t.Fatalf("got %d, want 100: it has its place", status)
		}
		slow.write(text[:10])
		quick := dial(t, address)
		quick.write(head("SendMessage", len(text)) + text)
		if status, body := quick.answer(); status != 200 {
			t.Errorf("beside it: got %d %s, want 200", status, body)
		}
		slow.write(text[10:])
		if status, body := slow.answer(); status != 200 {
			t.Errorf("the slow one: got %d %s, want 200", status, body)
		}
	})
}
