package load

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestResponseReader(t *testing.T) {
	long := strings.Repeat("0123456789", 5000) // outgrows the first buffer
	tests := []struct {
		name, in string
		status   int
		body     string
		close    bool
	}{
		{"length", "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", false},
		{"empty_body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", false},
		{"names_in_any_case_and_values_with_spaces", "HTTP/1.1 400 Bad Request\r\ncontent-LENGTH:  2 \r\n\r\nno", 400, "no", false},
		{"no_reason", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
		{"bare_line_feeds", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", 200, "x", false},
		{"close", "HTTP/1.1 503 Unavailable\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", 503, "x", true},
		{"http_1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", true},
		{"http_1.0_kept", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
		{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", false},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", 200, "abc0123456789", false},
		{"chunked_with_trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n", 200, "a", false},
		{"chunk_longer_than_the_buffer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nc350\r\n" + long + "\r\n0\r\n\r\n", 200, "ab" + long, false},
		{"body_longer_than_the_buffer", "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + long, 200, long, false},
		{"interim_answer_skipped", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
	}
	readers := map[string]func(io.Reader) io.Reader{
		"whole":  func(r io.Reader) io.Reader { return r },
		"bytes":  iotest.OneByteReader,
		"halves": iotest.HalfReader,
		"eof":    iotest.DataErrReader,
	}
	for _, tt := range tests {
		for kind, wrap := range readers {
			t.Run(tt.name+"/"+kind, func(t *testing.T) {
				// Twice the same answer on one connection: the second shows what the first left behind.
				rr := newResponseReader(wrap(strings.NewReader(tt.in + tt.in)))
				for range 2 {
					got, err := rr.read()
					if err != nil {
						t.Fatal(err)
					}
					if got.Status != tt.status || string(got.Body) != tt.body || got.Close != tt.close {
						t.Errorf("got %d %.40q close=%t, want %d %.40q close=%t",
							got.Status, got.Body, got.Close, tt.status, tt.body, tt.close)
					}
				}
				if _, err := rr.read(); err != io.EOF {
					t.Errorf("at the end: got error %v, want io.EOF itself", err)
				}
			})
		}
	}
}

func TestResponseReader_refuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"cut_in_status", "HTTP/1.1 20", "unexpected EOF"},
		{"cut_in_header", "HTTP/1.1 200 OK\r\nContent-Le", "unexpected EOF"},
		{"cut_in_body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "unexpected EOF"},
		{"cut_in_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "unexpected EOF"},
		{"not_http", "SSH-2.0-OpenSSH_9.6\r\n", "malformed status line"},
		{"status_not_a_number", "HTTP/1.1 2x0 OK\r\n\r\n", "malformed status line"},
		{"header_without_colon", "HTTP/1.1 200 OK\r\nhello\r\n\r\n", "malformed header line"},
		{"negative_length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed Content-Length"},
		{"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "malformed Content-Length"},
		{"huge_length", "HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n", "longer than"},
		{"endless_header", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxResponse), "longer than"},
		{"no_length", "HTTP/1.1 200 OK\r\n\r\nabc", "neither Content-Length nor chunks"},
		{"gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "unknown Transfer-Encoding"},
		{"bad_chunk_size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed chunk size"},
		{"chunk_longer_than_said", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", "longer than its size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newResponseReader(strings.NewReader(tt.in)).read()
			if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func BenchmarkResponseReader(b *testing.B) {
	answer := "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amzn-Requestid: 5fea7756-0ea4-451a-a703-a558b933e274\r\n" +
		"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 100\r\n\r\n" + strings.Repeat("x", 100)
	src := strings.NewReader(answer)
	rr := newResponseReader(src)
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(answer)
		if _, err := rr.read(); err != nil {
			b.Fatal(err)
		}
	}
}
