package server

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
)

func TestHTTPLog(t *testing.T) {
	var out bytes.Buffer
	l := newHTTPLog(slog.New(slog.NewTextHandler(&out, nil)))
	for _, c := range []struct{ line, want string }{
		{"http: TLS handshake error from 1.2.3.4:5: EOF", ""},
		{"http: panic serving 1.2.3.4:5: oops", "level=ERROR msg=\"request panicked\""},
		{"http: Accept error: accept tcp: too many open files; retrying in 5ms", "level=WARN msg=\"cannot accept connections\""},
		{"http: Accept error: accept tcp: too many open files; retrying in 10ms", ""},
	} {
		out.Reset()
		if _, err := io.WriteString(l.Writer(), c.line+"\n"); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got %s, want %s", c.line, got, c.want)
		}
	}
}
