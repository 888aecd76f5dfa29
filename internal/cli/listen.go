package cli

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/bufeomq/bufeo/server"
)

// wsaAddrInUse is what Windows calls EADDRINUSE. No other system has an error of that number.
const wsaAddrInUse = syscall.Errno(10048)

// listen opens the address, or says why that does not work.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen(network(address), address)
	if err == nil {
		return l, nil
	}
	e := &server.Error{
		Text: "cannot listen on " + address,
		Hint: "name an address of this machine with --listen (BUFEO_LISTEN), as in --listen 127.0.0.1:9324",
		Err:  listenCause(err),
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaAddrInUse):
		e.Hint = "stop the program that has the port, or choose another with --listen (BUFEO_LISTEN); port 0 takes a free one"
	case errors.Is(err, fs.ErrPermission):
		e.Hint = "ports below 1024 need privileges; choose another with --listen (BUFEO_LISTEN)"
	}
	return nil, e
}

// network is tcp4 for an IPv4 address: with tcp, Go takes 0.0.0.0 for all of IPv6, too, and calls it [::].
func network(address string) string {
	if a, err := netip.ParseAddrPort(address); err == nil && a.Addr().Is4() {
		return "tcp4"
	}
	return "tcp"
}

// listenCause drops the address, which the text has already.
func listenCause(err error) error {
	if o, ok := errors.AsType[*net.OpError](err); ok {
		err = o.Err
	}
	if s, ok := errors.AsType[*os.SyscallError](err); ok {
		err = s.Err
	}
	return err
}
