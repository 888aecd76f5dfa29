package sqs_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

// listening starts an HTTP server and returns its URL, and what it was asked.
func listening(t *testing.T, answer http.HandlerFunc) (string, *[]*http.Request) {
	t.Helper()
	var seen []*http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, &seen
}

func nothing(http.ResponseWriter, *http.Request) {}

// clients are those with which Proxy and TLSConfig work.
var clients = map[string]func(*sqs.Options){
	"default": func(*sqs.Options) {},
	"sdk":     sqs.WithHTTPClient(awshttp.NewBuildableClient()),
}

func TestProxy(t *testing.T) {
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			proxy, seen := listening(t, nothing)
			proxy = strings.Replace(proxy, "http://", "http://ada:p%40ss@", 1)
			conn := connect(t, "http://sqs.test:9324", client, sqs.WithProxy(proxy))
			if err := conn.QueueFromURL("/1/q").Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := (*seen)[0]
			if want := "http://sqs.test:9324/"; r.RequestURI != want {
				t.Errorf("got request for %s, want %s", r.RequestURI, want)
			}
			if got, want := r.Header.Get("Proxy-Authorization"), "Basic "+base64.StdEncoding.EncodeToString([]byte("ada:p@ss")); got != want {
				t.Errorf("got Proxy-Authorization %q, want %q", got, want)
			}
		})
	}
}

func TestProxy_of_https(t *testing.T) {
	proxy, seen := listening(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	conn := connect(t, "https://sqs.test", sqs.WithProxy(proxy), onceOnly)
	err := conn.QueueFromURL("/1/q").Purge(t.Context())
	if err == nil || len(*seen) != 1 || (*seen)[0].Method != http.MethodConnect || (*seen)[0].RequestURI != "sqs.test:443" {
		t.Errorf("got %v, and the proxy was asked for %v; want CONNECT sqs.test:443", err, *seen)
	}
}

func TestProxy_that_cannot_work(t *testing.T) {
	for _, proxy := range []string{"127.0.0.1:3128", "ftp://ada:secret@127.0.0.1", "http://", "http://ada:secret@%zz"} {
		_, err := sqs.New(sqs.WithEndpoint("http://sqs.test"), sqs.WithProxy(proxy))
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error without the password", proxy, err)
		}
	}
	own := sqs.WithHTTPClient(&http.Client{})
	for _, option := range []func(*sqs.Options){sqs.WithProxy("http://127.0.0.1:1"), sqs.WithTLSConfig(&tls.Config{})} {
		if _, err := sqs.New(sqs.WithEndpoint("http://sqs.test"), own, option); err == nil {
			t.Error("an option without effect was taken")
		}
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(nothing))
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	trusting := x509.NewCertPool()
	trusting.AddCert(server.Certificate())
	for name, client := range clients {
		for _, test := range []struct {
			name   string
			config *tls.Config
			works  bool
		}{
			{"unset", nil, false},
			{"validate_certs_false", &tls.Config{InsecureSkipVerify: true}, true},
			{"root", &tls.Config{RootCAs: trusting}, true},
			{"other_root", &tls.Config{RootCAs: x509.NewCertPool()}, false},
		} {
			t.Run(name+"_"+test.name, func(t *testing.T) {
				conn := connect(t, server.URL, client, sqs.WithTLSConfig(test.config))
				if err := conn.QueueFromURL("/1/q").Purge(t.Context()); (err == nil) != test.works {
					t.Errorf("got %v, want that it works: %t", err, test.works)
				}
			})
		}
	}
}

// The scheme, port and path of the endpoint are boto's is_secure, port and path.
func TestEndpointIsWhereRequestsGo(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://sqs.test":           "http://sqs.test/1/q",
		"https://sqs.test":          "https://sqs.test/1/q",
		"https://sqs.test:8443":     "https://sqs.test:8443/1/q",
		"http://sqs.test:9324/a/b/": "http://sqs.test:9324/a/b/1/q",
	} {
		f := &fake{answer: agree}
		conn := connect(t, endpoint, sqs.WithHTTPClient(f), sqs.WithProtocol(sqs.ProtocolQuery))
		if err := conn.QueueFromURL("http://elsewhere.test:1/1/q").Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.requests()[0].URL.String(); got != want {
			t.Errorf("%s: got a request for %s, want %s", endpoint, got, want)
		}
	}
}

func TestLog(t *testing.T) {
	for level, want := range map[slog.Level][]string{
		slog.LevelInfo:  nil,
		slog.LevelDebug: {"action=PurgeQueue", "url=http://sqs.test:9324/", "QueueDoesNotExist", "duration="},
		sqs.LevelWire:   {"action=PurgeQueue", "1234567890/orders"},
	} {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level}))
		q := fakeQueue(t, failing(refused(api.QueueDoesNotExist.New())), sqs.WithLog(log), sqs.WithCredentials("AKID", "hidden", "hidden-token"))
		if err := q.Purge(t.Context()); err == nil {
			t.Fatal("no error")
		}
		for _, text := range want {
			if !strings.Contains(out.String(), strings.Replace(text, "1234567890", "123456789012", 1)) {
				t.Errorf("%v: the log has no %q:\n%s", level, text, out.String())
			}
		}
		if want == nil && out.Len() > 0 || strings.Contains(out.String(), "hidden") || strings.Contains(out.String(), "Signature") {
			t.Errorf("%v: the log has too much:\n%s", level, out.String())
		}
	}
}

func TestMaxAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for n, option := range map[int]func(*sqs.Options){
			3: func(*sqs.Options) {}, 1: sqs.WithMaxAttempts(1), 7: sqs.WithMaxAttempts(7),
		} {
			f := &fake{answer: refused(api.InternalError.New())}
			if err := fakeQueue(t, f, option).Purge(t.Context()); err == nil || len(f.requests()) != n {
				t.Errorf("got %v after %d attempts, want %d", err, len(f.requests()), n)
			}
		}
	})
}

// What the modes do is the SDK's business; the adaptive one's waits can round to 0 ns, which is for ever in a bubble.
func TestRetryMode(t *testing.T) {
	for mode, want := range map[aws.RetryMode]aws.Retryer{
		aws.RetryModeStandard: retry.NewStandard(), aws.RetryModeAdaptive: retry.NewAdaptiveMode(), "": retry.NewStandard(),
	} {
		var got sqs.Options
		fakeQueue(t, failing(), sqs.WithRetryMode(mode), func(o *sqs.Options) { got = *o })
		if reflect.TypeOf(got.Retryer) != reflect.TypeOf(want) {
			t.Errorf("mode %q: got a %T, want a %T", mode, got.Retryer, want)
		}
	}
}
