package sqstest

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// endpoint is the address of every server for clients in the process. Its pipes lead to one server whatever the host is,
// and the host has to be one of loopback's names, since the server refuses others.
const endpoint = "http://sqstest.localhost"

// Config returns a configuration with which the service clients of the AWS SDK for Go, and package sqs of this module,
// reach the server over pipes in memory: endpoint, region, credentials and HTTP client. Retries are left to the client's
// defaults, as in production. It works in a bubble of synctest.
//
// A client that is to use a socket takes the address of URL and an HTTP client of its own:
//
//	cfg := srv.Config()
//	cfg.BaseEndpoint, cfg.HTTPClient = aws.String(srv.URL()), nil
func (s *Server) Config() aws.Config {
	return aws.Config{
		Region:       s.o.Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  aws.CredentialsProviderFunc(credentials),
		HTTPClient:   s.client,
	}
}

// credentials signs as a key that says where it is from: it is what the messages' SenderId is.
func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "sqstest", SecretAccessKey: "sqstest", Source: "sqstest"}, nil
}

// Client returns an HTTP client whose requests all go to the server over pipes in memory, for SQS clients that take an
// http.Client or its Transport. URLs must be http, with localhost or a name that ends in .localhost as their host. It
// works in a bubble of synctest. All calls return the same client; do not change it.
func (s *Server) Client() *http.Client { return s.client }

func newClient(p *pipes) *http.Client {
	// The pipes carry real HTTP, so that an answer that is cut off, or that takes too long for its client, is one here,
	// too. Calling the handler with a recorder would be faster by 20 µs and could not do that.
	return &http.Client{Transport: &http.Transport{
		DialContext:         p.dial,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 100, // the default of 2 would make each of many goroutines connect for each request
	}}
}

// pipes is a listener whose connections are pipes in memory.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

var _ net.Listener = (*pipes)(nil)

func newPipes() *pipes {
	return &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to the listener, whatever the address is.
func (p *pipes) dial(ctx context.Context, network, address string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.accept <- server:
		return client, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Net: network, Addr: pipeAddr(address), Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddr("sqstest") }

type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }
