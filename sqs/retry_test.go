package sqs_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

// failing answers with each of outcomes, then agrees.
func failing(outcomes ...func(r *request) (*http.Response, error)) *fake {
	f := &fake{}
	f.answer = func(r *request) (*http.Response, error) {
		if n := len(f.requests()) - 1; n < len(outcomes) {
			return outcomes[n](r)
		}
		return agree(r)
	}
	return f
}

func refused(e *api.Error) func(r *request) (*http.Response, error) {
	return func(r *request) (*http.Response, error) { return r.fail(e) }
}

func broken(err error) func(r *request) (*http.Response, error) {
	return func(*request) (*http.Response, error) { return nil, err }
}

// cutShort sends headers and half of a body.
func cutShort(r *request) (*http.Response, error) {
	resp, err := respond(200, `{"Mess`, nil)
	resp.Body = io.NopCloser(io.MultiReader(resp.Body, brokenReader{}))
	return resp, err
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRetries(t *testing.T) {
	throttled := &api.Kind{Shape: "com.amazonaws.sqs#RequestThrottled", QueryCode: "RequestThrottled", Status: 403, Format: "slow down"}
	for _, test := range []struct {
		name    string
		outcome func(r *request) (*http.Response, error)
		repeats bool
	}{
		{"500", refused(api.InternalError.New()), true},
		{"503", refused(api.ServiceUnavailable.New("busy")), true},
		{"throttled", refused(throttled.New()), true},
		{"proxy_502", func(*request) (*http.Response, error) { return respond(502, "<html>bad gateway", nil) }, true},
		{"idle_connection_closed", broken(io.EOF), true},
		{"connection_refused", broken(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), true},
		{"connection_reset", broken(syscall.ECONNRESET), true},
		{"answer_cut_short", cutShort, true},
		{"no_such_host", broken(&net.DNSError{Err: "no such host", IsNotFound: true}), false},
		{"untrusted_certificate", broken(&tls.CertificateVerificationError{Err: errors.New("unknown authority")}), false},
		{"400", refused(api.QueueDoesNotExist.New()), false},
		{"403", refused(api.AccessDenied.New("x")), false},
		{"redirect", func(*request) (*http.Response, error) { return respond(302, "", nil) }, false},
		{"unreadable", func(*request) (*http.Response, error) { return respond(200, "nonsense", nil) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := failing(test.outcome)
				_, err := fakeQueue(t, f).Messages(t.Context(), 1)
				if got := err == nil && len(f.requests()) == 2; got != test.repeats {
					t.Errorf("got %v after %d requests, want repeated: %t", err, len(f.requests()), test.repeats)
				}
				if !test.repeats && len(f.requests()) != 1 {
					t.Errorf("got %d requests, want 1", len(f.requests()))
				}
			})
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	always := func() *fake { return &fake{answer: refused(api.InternalError.New())} }
	for _, test := range []struct {
		name    string
		retryer aws.Retryer
		want    int
	}{
		{"default", nil, 3},
		{"none", aws.NopRetryer{}, 1},
		{"seven", retry.AddWithMaxAttempts(retry.NewStandard(), 7), 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := always()
				err := fakeQueue(t, f, func(o *sqs.Options) { o.Retryer = test.retryer }).Purge(t.Context())
				if len(f.requests()) != test.want {
					t.Errorf("got %d requests, want %d", len(f.requests()), test.want)
				}
				detail, ok := errors.AsType[*sqs.Error](err)
				if !errors.Is(err, sqs.ErrInternal) || !ok || detail.Status != 500 || detail.RequestID != "request-1" {
					t.Errorf("got %v (%+v), want the server's last word", err, detail)
				}
			})
		})
	}
}

// The retry quota keeps a fleet of clients from multiplying the load of a server that is down.
func TestRetryQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: refused(api.InternalError.New())}
		q := fakeQueue(t, f)
		var err error
		for range 100 {
			err = q.Purge(t.Context())
		}
		if n := len(f.requests()); n != 135 { // 500 tokens, 14 each: 35 repetitions
			t.Errorf("got %d requests, want 135", n)
		}
		if !errors.Is(err, sqs.ErrInternal) {
			t.Errorf("got %v, want what the server said", err)
		}
	})
}

func TestContext(t *testing.T) {
	why := errors.New("shutting down")
	t.Run("over_before_the_call", func(t *testing.T) {
		f := &fake{answer: agree}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		err := fakeQueue(t, f).Purge(ctx)
		if len(f.requests()) != 0 || !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
			t.Errorf("got %v after %d requests; want Canceled and its cause, and no request", err, len(f.requests()))
		}
	})
	t.Run("over_in_the_backoff", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{answer: refused(api.InternalError.New())}
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			defer cancel()
			err := fakeQueue(t, f).Purge(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, sqs.ErrInternal) {
				t.Errorf("got %v, want DeadlineExceeded and what the server said", err)
			}
		})
	})
	t.Run("over_while_the_server_thinks", func(t *testing.T) {
		arrived, done := make(chan struct{}), make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-done
		}))
		defer server.Close()
		defer close(done)
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-arrived
			cancel(why)
		}()
		if err := connect(t, server.URL).QueueFromURL("/1/q").Purge(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
			t.Errorf("got %v, want Canceled and its cause", err)
		}
	})
}
