package sqstest_test

import (
	"context"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// BenchmarkNew is what a server costs a test: start and end. The promise is less than 5 ms (measured: 0.9 ms on two
// cores).
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		t := &fakeT{TB: b}
		sqstest.New(t)
		t.end()
	}
}

// BenchmarkReadWriteDelete is what a message costs a test, over pipes and over a socket.
func BenchmarkReadWriteDelete(b *testing.B) {
	for _, transport := range []string{"pipes", "socket"} {
		b.Run(transport, func(b *testing.B) {
			srv := sqstest.New(b)
			var optFns []func(*sqs.Options)
			if transport == "socket" {
				optFns = append(optFns, sqs.WithEndpoint(srv.URL()), sqs.WithHTTPClient(nil))
			}
			q := create(b, connect(b, srv, optFns...), "q")
			ctx := context.Background()
			for b.Loop() {
				write(b, q, "a book")
				m := read(b, q)
				if err := m.Delete(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
