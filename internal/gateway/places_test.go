package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/gateway"
)

// withPlaces is a handler with so many places, of which each send tells that it has begun, and waits for the end.
func withPlaces(t *testing.T, n int) (f *fixture, begun <-chan struct{}, end chan struct{}) {
	started, end := make(chan struct{}), make(chan struct{})
	return newFixture(t, &gateway.Options{Sends: n, Patience: time.Millisecond, Around: func(_ context.Context, r *gateway.Request, next func() (any, error)) (any, error) {
		if r.Action == "SendMessage" {
			started <- struct{}{}
			<-end
		}
		return next()
	}}), started, end
}

// With one place for sends, a second one waits for it, and is refused when it has waited. Nothing else needs a place.
func TestPlaces(t *testing.T) {
	f, begun, end := withPlaces(t, 1)
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

// A send takes 16 places while there is something to do for it, and one while it waits for the disk, unless the processors are behind.
func TestPlaces_at_work(t *testing.T) {
	const body = `{"QueueUrl":"q","MessageBody":"x"}`
	const batch = `{"QueueUrl":"q","Entries":[{"Id":"a","MessageBody":"x"}]}`
	for _, c := range []struct {
		name     string
		appended bool // they are held when the engine is done with them
		late     bool
		want     int // how many there can be beside each other
	}{{"before it is stored", false, false, 2}, {"after", true, false, 17}, {"after, with processors behind", true, true, 2}} {
		t.Run(c.name, func(t *testing.T) {
			begun, end := make(chan struct{}), make(chan struct{})
			hold := func() { begun <- struct{}{}; <-end }
			f := newFixture(t, &gateway.Options{Sends: 32, Patience: time.Millisecond, Around: func(_ context.Context, r *gateway.Request, next func() (any, error)) (any, error) {
				if !strings.HasPrefix(r.Action, "SendMessage") {
					return next()
				}
				if !c.appended {
					hold()
				}
				out, err := next()
				if c.appended {
					hold()
				}
				return out, err
			}})
			f.handler.SetLate(c.late)
			f.json("CreateQueue", `{"QueueName":"q"}`)
			answers := make(chan *httptest.ResponseRecorder)
			for i := range c.want {
				go func() {
					if i%2 == 0 {
						answers <- f.json("SendMessage", body)
					} else {
						answers <- f.json("SendMessageBatch", batch)
					}
				}()
				<-begun
			}
			if w := f.json("SendMessage", body); w.Code != 503 {
				t.Errorf("one more: got %d %s, want 503", w.Code, w.Body)
			}
			close(end)
			for range c.want {
				if w := <-answers; w.Code != 200 {
					t.Errorf("got %d %s, want 200", w.Code, w.Body)
				}
			}
			// All of them have given back what they took.
			for range 3 {
				go func() { <-begun }()
				if w := f.json("SendMessage", body); w.Code != 200 {
					t.Errorf("later: got %d %s, want 200", w.Code, w.Body)
				}
			}
		})
	}
}

// A body that is there takes two reads, since a part of it has come with the header. Who needs more waits for its client, and has one
// place then.
func TestPlaces_while_a_body_arrives(t *testing.T) {
	body := `{"QueueUrl":"q","MessageBody":"` + strings.Repeat("x", 10_000) + `"}`
	for reads, want := range map[int]int{1: 2, 2: 2, 3: 17} {
		t.Run(fmt.Sprint(reads), func(t *testing.T) {
			f, begun, end := withPlaces(t, 32)
			f.json("CreateQueue", `{"QueueName":"q"}`)
			send := func() int {
				var pieces []io.Reader
				for i := range reads {
					pieces = append(pieces, strings.NewReader(body[len(body)*i/reads:len(body)*(i+1)/reads]))
				}
				r := httptest.NewRequest("POST", "/", io.MultiReader(pieces...))
				r.Host, r.ContentLength = "localhost", int64(len(body))
				r.Header.Set("Content-Type", "application/x-amz-json-1.0")
				r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
				w := httptest.NewRecorder()
				f.handler.ServeHTTP(w, r)
				return w.Code
			}
			codes := make(chan int)
			for range want {
				go func() { codes <- send() }()
				<-begun
			}
			if code := send(); code != 503 {
				t.Errorf("one more: got %d, want 503", code)
			}
			close(end)
			for range want {
				if code := <-codes; code != 200 {
					t.Errorf("got %d, want 200", code)
				}
			}
		})
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
