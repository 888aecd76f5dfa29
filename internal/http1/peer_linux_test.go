package http1_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// overTLS is a server behind TLS.
type overTLS struct {
	server
	config *tls.Config
}

func (s overTLS) Serve(l net.Listener) error { return s.server.Serve(tls.NewListener(l, s.config)) }

// Who asks the context knows what the kernel knows, without anybody having waited for it: also with TLS, of which the last
// bytes are unread, and where net/http serves.
func TestErrLooks(t *testing.T) {
	withTLS := httptest.NewTLSServer(nil)
	withTLS.Close()
	for name, text := range map[string]string{"http1": post("{}"), "net_http": "GET / HTTP/1.1\r\nHost: h\r\n\r\n"} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/tls=%t", name, secure), func(t *testing.T) {
				arrived, closed, ended := make(chan error, 1), make(chan struct{}), make(chan error, 1)
				s := server(handler(func(w http.ResponseWriter, r *http.Request) {
					io.ReadAll(r.Body)
					arrived <- r.Context().Err()
					<-closed
					ended <- r.Context().Err()
					<-r.Context().Done()
				}))
				if secure {
					s = overTLS{s, withTLS.TLS}
				}
				c, err := net.Dial("tcp", start(t, s))
				if err != nil {
					t.Fatal(err)
				}
				if secure {
					c = tls.Client(c, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // nobody else is there
				}
				io.WriteString(c, text)
				if err := <-arrived; err != nil {
					t.Errorf("got %v while the client was there", err)
				}
				c.Close()
				close(closed)
				if err := <-ended; err != context.Canceled {
					t.Errorf("got %v after it had left", err)
				}
			})
		}
	}
}
