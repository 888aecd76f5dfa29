package sqs_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

// BenchmarkWrite measures what a send costs on the client's side, signing included, above what net/http costs: the HTTP
// client answers from memory.
func BenchmarkWrite(b *testing.B) {
	body := strings.Repeat("x", 200)
	answer := `{"MD5OfMessageBody":"` + digest(body) + `","MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}`
	fixed := clientFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: int64(len(answer))}, nil
	})
	q := connect(b, "http://127.0.0.1:9324", sqs.WithHTTPClient(fixed), sqs.WithMessageClass(sqs.RawMessage{})).QueueFromURL("/000000000000/orders")
	b.ReportAllocs()
	for b.Loop() {
		if err := q.Write(b.Context(), q.NewMessage(body)); err != nil {
			b.Fatal(err)
		}
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }
