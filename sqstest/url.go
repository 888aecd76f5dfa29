package sqstest

import (
	"bytes"
	"net"
	"runtime"
)

// URL returns the address of the server on loopback, such as http://127.0.0.1:41234, for clients that cannot use Config or
// Client: those of other languages, and code that is given an address only. The first call opens the port.
//
// It fails the test in a bubble of synctest: a goroutine that waits for a socket keeps the bubble's time from passing.
func (s *Server) URL() string {
	s.t.Helper()
	if inBubble() {
		s.t.Fatalf("sqstest: URL opens a socket, which keeps time from passing in a synctest bubble: use Config or Client")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.url == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			l, err = net.Listen("tcp", "[::1]:0")
		}
		if err != nil {
			s.t.Fatalf("sqstest: %v", err)
		}
		s.serve(l)
		s.mu.url = "http://" + l.Addr().String()
	}
	return s.mu.url
}

// inBubble reports whether the caller is in a bubble of synctest. The runtime says so only in stack traces:
// "goroutine 7 [running, synctest bubble 1]:".
func inBubble() bool {
	var stack [128]byte
	head, _, _ := bytes.Cut(stack[:runtime.Stack(stack[:], false)], []byte("\n"))
	return bytes.Contains(head, []byte("synctest bubble"))
}
