package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestClients makes sure that every client gets an answer from the bare handler that it is content with.
func TestClients(t *testing.T) {
	o := &options{goroutines: 20, rounds: 1, body: 200, duration: 20 * time.Millisecond}
	front := httptest.NewServer(newBare(body(o)))
	defer front.Close()
	rows, err := measure(t.Context(), o, &server{url: front.URL})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	report(&out, o, "a handler", rows)
	for _, want := range []string{"Sender", "Write", "pubsub", "SendMessage", "bare POST"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no row for %s in\n%s", want, &out)
		}
	}
}
