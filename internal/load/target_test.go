package load

import (
	"crypto/x509"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNewTarget(t *testing.T) {
	for endpoint, want := range map[string]Target{
		"http://127.0.0.1:9324":                   {Addr: "127.0.0.1:9324", Host: "127.0.0.1:9324"},
		"http://localhost":                        {Addr: "localhost:http", Host: "localhost"},
		"http://[::1]:1/sqs":                      {Addr: "[::1]:1", Host: "[::1]:1", Path: "/sqs"},
		"https://sqs.eu-west-1.amazonaws.com":     {Addr: "sqs.eu-west-1.amazonaws.com:https", Host: "sqs.eu-west-1.amazonaws.com"},
		"https://sqs.eu-west-1.amazonaws.com:444": {Addr: "sqs.eu-west-1.amazonaws.com:444", Host: "sqs.eu-west-1.amazonaws.com:444"},
	} {
		got, err := NewTarget(endpoint, JSON{})
		if err != nil || got.Addr != want.Addr || got.Host != want.Host || got.Path != want.Path {
			t.Errorf("%s: got %+v, %v, want %+v", endpoint, got, err, want)
			continue
		}
		if https := strings.HasPrefix(endpoint, "https"); https != (got.TLS != nil) || https && got.TLS.ServerName != "sqs.eu-west-1.amazonaws.com" {
			t.Errorf("%s: got %+v", endpoint, got.TLS)
		}
	}
	for _, endpoint := range []string{"", "127.0.0.1:9324", "ftp://x", "http://", "http://x/?a=b", "http://x y"} {
		if got, err := NewTarget(endpoint, JSON{}); err == nil {
			t.Errorf("%q: got %+v, want an error", endpoint, got)
		}
	}
}

// TestTarget_signed_over_TLS is what Amazon's endpoints want.
func TestTarget_signed_over_TLS(t *testing.T) {
	for name, p := range protocols {
		for _, token := range []string{"", "session"} {
			t.Run(name+token, func(t *testing.T) {
				f := &fakeSQS{secret: "S3CR3T"}
				f.init()
				srv := httptest.NewTLSServer(f)
				defer srv.Close()
				target, err := NewTarget(srv.URL, p)
				if err != nil {
					t.Fatal(err)
				}
				target.TLS.RootCAs = x509.NewCertPool()
				target.TLS.RootCAs.AddCert(srv.Certificate())
				if _, err := target.CreateQueue(t.Context(), "q"); err == nil || !strings.Contains(err.Error(), "not signed") {
					t.Errorf("got %v for a request without a signature", err)
				}
				target.Signer = NewSigner("AKID", "S3CR3T", token, "eu-west-1")
				queueURL, err := target.CreateQueue(t.Context(), "q")
				if err != nil {
					t.Fatal(err)
				}
				j := &Job{Kind: Cycle, Target: target, QueueURL: queueURL, Ledger: NewLedger(), Batch: 10, BodySize: 50}
				res, err := j.RunUntil(t.Context(), 2, 100, grace)
				if err != nil || res.FirstError != nil || res.Messages < 100 {
					t.Errorf("got %d messages, %v, %v", res.Messages, res.FirstError, err)
				}
				target.Signer = NewSigner("AKID", "wrong", token, "eu-west-1")
				if _, err := target.CreateQueue(t.Context(), "q"); err == nil {
					t.Error("a wrong signature was taken")
				}
			})
		}
	}
	t.Run("certificates_are_checked", func(t *testing.T) {
		srv := httptest.NewUnstartedServer(&fakeSQS{})
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.StartTLS()
		defer srv.Close()
		target, err := NewTarget(srv.URL, JSON{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := target.CreateQueue(t.Context(), "q"); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("got %v, want an unknown certificate refused", err)
		}
	})
}

// TestTarget_header: what servers look for in a signature that they do not check.
func TestTarget_header(t *testing.T) {
	f := &fakeSQS{}
	target := f.target(t, JSON{})
	target.Header = MadeUpSignature("eu-west-1")
	if _, err := target.CreateQueue(t.Context(), "q"); err != nil {
		t.Fatal(err)
	}
	got := f.headers.Get("Authorization")
	if !strings.HasPrefix(got, "AWS4-HMAC-SHA256 Credential=bufeo/") || !strings.Contains(got, "/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0000") {
		t.Errorf("got %s", got)
	}
}
