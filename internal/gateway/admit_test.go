package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/gateway"
)

// room is a handler with the least memory for bodies: 4 MiB, of which sends get 3, so that one body of 1 MiB fits, as each
// is there three times.
func room(t *testing.T, serve func(*fixture) string) (f *fixture, address string) {
	f = newFixture(t, &gateway.Options{MaxBody: 1 << 20, BodyMemory: func() int64 { return 1 }, Patience: time.Millisecond})
	f.json("CreateQueue", `{"QueueName":"q"}`)
	return f, serve(f)
}

// head is that of a request in JSON, or of a form if action is "".
func head(action string, length int) string {
	h := "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	if action != "" {
		h = strings.Replace(jsonHead, "ListQueues", action, 1)
	}
	return h + fmt.Sprintf("Content-Length: %d\r\n\r\n", length)
}

// large is a send of 1 MiB, all in all.
func large() string {
	const begin, end = `{"QueueUrl":"q","MessageBody":"`, `"}`
	return begin + strings.Repeat("x", 1<<20-len(begin)-len(end)) + end
}

// occupy begins to send a body that takes all that sends may take; finish sends the rest.
func (f *fixture) occupy(address string) (finish func()) {
	f.Helper()
	p, body := dial(f.T, address), large()
	p.write(strings.Replace(head("SendMessage", len(body)), "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1))
	if status, text := p.answer(); status != 100 { // it has taken its memory, or nobody would want the body
		f.Fatalf("got %d %s, want 100", status, text)
	}
	return func() {
		f.Helper()
		p.write(body)
		if status, text := p.answer(); status != 200 {
			f.Errorf("the one that was there first: got %d %s, want 200", status, text)
		}
	}
}

func TestAdmission_refuses_from_the_headers(t *testing.T) {
	bothWays(t, admissionRefusesFromTheHeaders)
}

func admissionRefusesFromTheHeaders(t *testing.T, serve func(*fixture) string) {
	f, address := room(t, serve)
	finish := f.occupy(address)
	for _, c := range []struct{ name, head, want string }{
		{"json", head("SendMessage", 1<<20), `{"__type":"com.amazon.coral.service#ServiceUnavailableException","message":"Too many large`},
		{"json_batch", head("SendMessageBatch", 100<<10), `ServiceUnavailableException`},
		{"form_of_unknown_action", head("", 100<<10), `<Code>ServiceUnavailable</Code><Message>Too many large`},
		{"expects_100_continue", strings.Replace(head("SendMessage", 1<<20), "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1), `ServiceUnavailable`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := dial(t, address)
			p.write(c.head) // and no body: the answer does not wait for it
			r, err := http.ReadResponse(p.in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text := readAll(t, r.Body); r.StatusCode != 503 || !strings.Contains(text, c.want) {
				t.Errorf("got %d %s, want 503 with %q", r.StatusCode, text, c.want)
			}
			if got := r.Header.Get("Retry-After"); got != "1" {
				t.Errorf("got Retry-After %q, want 1", got)
			}
		})
	}
	finish()
}

// What ends something is served while sends are refused, whatever its protocol.
func TestAdmission_deletes_and_small_sends_have_room(t *testing.T) {
	bothWays(t, admissionDeletesAndSmallSendsHaveRoom)
}

func admissionDeletesAndSmallSendsHaveRoom(t *testing.T, serve func(*fixture) string) {
	f, address := room(t, serve)
	finish := f.occupy(address)
	entries, form := "", "Action=ChangeMessageVisibilityBatch&QueueUrl=q"
	for i := range 10 {
		entries += fmt.Sprintf(`,{"Id":"%d","ReceiptHandle":"%s"}`, i, strings.Repeat("x", 1024))
		form += fmt.Sprintf("&ChangeMessageVisibilityBatchRequestEntry.%d.Id=%d&ChangeMessageVisibilityBatchRequestEntry.%d.ReceiptHandle=%s",
			i+1, i, i+1, strings.Repeat("x", 1024))
	}
	deletes := `{"QueueUrl":"q","Entries":[` + entries[1:] + `]}`
	for _, c := range []struct{ name, head, body string }{
		{"delete_batch", head("DeleteMessageBatch", len(deletes)), deletes},
		{"visibility_batch_as_a_form", head("", len(form)), form},
		{"small_send", head("SendMessage", 34), `{"QueueUrl":"q","MessageBody":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := dial(t, address)
			p.write(c.head + c.body)
			if status, text := p.answer(); status != 200 {
				t.Errorf("got %d %s, want 200", status, text)
			}
		})
	}
	finish()
}

// A client that sends all before it reads keeps its connection.
func TestAdmission_connection_stays_usable(t *testing.T) { bothWays(t, admissionConnectionStaysUsable) }

func admissionConnectionStaysUsable(t *testing.T, serve func(*fixture) string) {
	f, address := room(t, serve)
	finish := f.occupy(address)
	p := dial(t, address)
	body := large()
	for range 3 {
		p.write(head("SendMessage", len(body)) + body)
		if status, text := p.answer(); status != 503 {
			t.Fatalf("got %d %s, want 503", status, text)
		}
	}
	finish()
	p.write(head("SendMessage", len(body)) + body)
	if status, text := p.answer(); status != 200 {
		t.Errorf("with room again: got %d %s, want 200", status, text)
	}
}

// All that was taken is given back, however a request ended.
func TestAdmission_gives_back(t *testing.T) { bothWays(t, admissionGivesBack) }

func admissionGivesBack(t *testing.T, serve func(*fixture) string) {
	f, address := room(t, serve)
	body := large()
	form := "Action=SendMessage&QueueUrl=q&MessageBody=" + strings.Repeat("x", 1000<<10)
	for i := range 30 {
		p := dial(t, address)
		want := 200
		switch i % 5 {
		case 0:
			p.write(head("SendMessage", len(body)) + body)
		case 1: // the client leaves
			p.write(head("SendMessage", len(body)) + body[:len(body)/2])
			p.Conn.(interface{ CloseWrite() error }).CloseWrite()
			want = 400
		case 2:
			p.write(head("", len(form)) + form)
		case 3: // no length
			p.write(strings.Replace(head("SendMessage", 0), "Content-Length: 0", "Transfer-Encoding: chunked", 1))
			p.write(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body))
		case 4: // no JSON
			p.write(head("SendMessage", len(body)) + strings.Repeat("x", len(body)))
			want = 400
		}
		if status, text := p.answer(); status != want {
			t.Fatalf("request %d: got %d %.200s, want %d", i, status, text, want)
		}
	}
	f.occupy(address)()
}
