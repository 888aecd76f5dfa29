package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/obs"
)

// Limits on connections. How long a body may take, and an answer, is package gateway's business: it knows long polls.
const (
	readHeaderTimeout = 10 * time.Second  // a header comes in one packet or two
	idleTimeout       = 120 * time.Second // longer than SDKs keep idle connections (60–90 s), so that they close first
	maxHeaderBytes    = 64 << 10          // boto2 puts receipt handles and batches of ten of them into URLs
)

func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          newHTTPLog(log),
	}
}

// Serve answers requests on l, which it closes in the end. It opens the server, if Open has not: /livez answers from
// the beginning, SQS requests get 503 until the store is open. It returns nil after Shutdown is done, and otherwise
// what went wrong. A server serves once.
//
// A listener beyond loopback is refused unless Options.AcceptAnyCredentials is set.
func (s *Server) Serve(l net.Listener) error {
	if err := s.admit(l.Addr()); err != nil {
		l.Close()
		return err
	}
	if s.serving.Swap(true) {
		l.Close()
		return errors.New("server: Serve was called before")
	}
	s.loopback.Store(isLoopback(l.Addr()))

	served := make(chan error, 1)
	go func() { served <- s.http.Serve(s.conns.listener(l)) }()
	if err := s.Open(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
		s.http.Close() //nolint:errcheck // the error that led here is the one to tell
		<-served       //nolint:errcheck // it ended because it was closed
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("server: serving %s: %w", l.Addr(), err)
	}
	<-s.stopped
	return nil
}

// admit refuses to be open to the world by accident.
func (s *Server) admit(a net.Addr) error {
	if s.o.AcceptAnyCredentials {
		s.o.Log.Warn("credentials are not checked: whoever reaches this address can read and delete every message",
			obs.KeyAddress, a.String(), obs.KeyHint, "keep it behind a firewall, or leave out --insecure-accept-any-credentials")
		return nil
	}
	if isLoopback(a) {
		return nil
	}
	return &Error{
		Text: fmt.Sprintf("refusing to listen on %s: it can be reached from other machines, and credentials are not checked yet", a),
		Hint: "listen on 127.0.0.1, or say --insecure-accept-any-credentials (BUFEO_INSECURE_ACCEPT_ANY_CREDENTIALS=true) " +
			"if only those who may read and delete every message can reach it",
	}
}

// isLoopback reports whether only this machine can connect to a. That is so for everything that is not TCP: Unix
// sockets, and the pipes of tests.
func isLoopback(a net.Addr) bool {
	if !strings.HasPrefix(a.Network(), "tcp") {
		return true
	}
	p, err := netip.ParseAddrPort(a.String())
	return err == nil && p.Addr().Unmap().IsLoopback()
}
