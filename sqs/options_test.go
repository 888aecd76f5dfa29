package sqs_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/bufeomq/bufeo/sqs"
)

// onceOnly turns retries off, for tests of errors.
func onceOnly(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }

// noEnvironment hides the keys and endpoints of whoever runs the tests.
func noEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS",
	} {
		t.Setenv(name, "") // which also brings the old value back
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEndpoints(t *testing.T) {
	for _, test := range []struct{ endpoint, region, want string }{
		{"", "", "https://sqs.us-east-1.amazonaws.com"},
		{"", "eu-central-1", "https://sqs.eu-central-1.amazonaws.com"},
		{"", "cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn"},
		{"", "us-isob-east-1", "https://sqs.us-isob-east-1.sc2s.sgov.gov"},
		{"http://127.0.0.1:9324", "", "http://127.0.0.1:9324"},
		{"https://proxy.test//queues//", "", "https://proxy.test/queues"},
	} {
		conn := connect(t, test.endpoint, sqs.WithRegion(test.region))
		if got := conn.Endpoint(); got != test.want {
			t.Errorf("endpoint %q in %q: got %s, want %s", test.endpoint, test.region, got, test.want)
		}
	}
	for _, bad := range []string{"127.0.0.1:9324", "localhost", "ftp://sqs.test", "http://", "http://sqs.test/?a=b", "http://u:p@sqs.test", "http://%"} {
		if conn, err := sqs.New(sqs.WithEndpoint(bad)); err == nil {
			t.Errorf("endpoint %q: got %v, want an error", bad, conn.Endpoint())
		}
	}
}

// An endpoint with a path, as behind a proxy, keeps it in both protocols.
func TestEndpointPath(t *testing.T) {
	for protocol, want := range map[sqs.Protocol]string{sqs.ProtocolJSON: "/queues/", sqs.ProtocolQuery: "/queues/123456789012/orders"} {
		f := &fake{answer: agree}
		q := fakeQueue(t, f, sqs.WithProtocol(protocol), sqs.WithEndpoint("https://proxy.test/queues/"))
		if err := q.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.requests()[0].URL.Path; got != want {
			t.Errorf("%s: got path %s, want %s", protocol, got, want)
		}
	}
}

func TestCredentialsFromTheEnvironment(t *testing.T) {
	noEnvironment(t)
	if _, err := sqs.New(); !errors.Is(err, sqs.ErrNoCredentials) {
		t.Errorf("Amazon's endpoint without keys: got %v, want ErrNoCredentials", err)
	}
	if _, err := sqs.New(sqs.WithEndpoint("http://127.0.0.1:9324")); err != nil {
		t.Errorf("an explicit endpoint without keys: got %v, want unsigned requests", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	f := &fake{answer: agree}
	conn, err := sqs.New(sqs.WithHTTPClient(f))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.QueueFromURL("/1/q").Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f.requests()[0].Header.Get("Authorization") == "" {
		t.Error("the request is not signed")
	}
}

func TestCredentialsFail(t *testing.T) {
	expired := errors.New("expired")
	f := &fake{answer: agree}
	q := fakeQueue(t, f, func(o *sqs.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, expired })
	})
	if err := q.Purge(t.Context()); !errors.Is(err, expired) || len(f.requests()) != 0 {
		t.Errorf("got %v after %d requests, want the provider's error and no request", err, len(f.requests()))
	}
}

func TestCredentialsAreCached(t *testing.T) {
	calls := 0
	q := fakeQueue(t, &fake{answer: agree}, func(o *sqs.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			calls++
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		})
	})
	for range 3 {
		if err := q.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 1 {
		t.Errorf("the provider was asked %d times, want once", calls)
	}
}

// services is what the SDK's config package puts into ConfigSources.
type services struct {
	endpoint string
	ignore   bool
}

func (s services) GetServiceBaseEndpoint(_ context.Context, id string) (string, bool, error) {
	return s.endpoint, id == "SQS" && s.endpoint != "", nil
}

func (s services) GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error) {
	return s.ignore, s.ignore, nil
}

func TestNewFromConfig(t *testing.T) {
	f := &fake{answer: func(r *request) (*http.Response, error) { return respond(500, "", nil) }}
	cfg := aws.Config{
		Region:           "eu-west-1",
		BaseEndpoint:     new("http://all.test"),
		Credentials:      aws.AnonymousCredentials{},
		HTTPClient:       f,
		RetryMaxAttempts: 1,
		Retryer:          func() aws.Retryer { return retry.NewStandard() },
	}
	conn, err := sqs.NewFromConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if conn.Region() != "eu-west-1" || conn.Endpoint() != "http://all.test" {
		t.Errorf("got region %s and endpoint %s", conn.Region(), conn.Endpoint())
	}
	if err := conn.QueueFromURL("/1/q").Purge(t.Context()); err == nil || len(f.requests()) != 1 {
		t.Errorf("got %v after %d requests, want 1 attempt", err, len(f.requests()))
	}

	cfg.Retryer, cfg.RetryMode = nil, aws.RetryModeAdaptive
	if conn, err = sqs.NewFromConfig(cfg); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueueFromURL("/1/q").Purge(t.Context()); err == nil || len(f.requests()) != 2 {
		t.Errorf("adaptive: got %v after %d requests, want 1 more", err, len(f.requests()))
	}

	conn, err = sqs.NewFromConfig(cfg, sqs.WithRegion("us-west-2"), sqs.WithEndpoint("http://option.test"))
	if err != nil || conn.Region() != "us-west-2" || conn.Endpoint() != "http://option.test" {
		t.Errorf("got %+v, %v; want that options win", conn, err)
	}
}

func TestConfigEndpoints(t *testing.T) {
	own := services{endpoint: "http://own.test"}
	for _, test := range []struct {
		name    string
		env     map[string]string
		sources []any
		want    string
	}{
		{"for_all_services", nil, nil, "http://all.test"},
		{"for_sqs", nil, []any{"unrelated", own}, "http://own.test"},
		{"variable_beats_profile", map[string]string{"AWS_ENDPOINT_URL": "http://all.test"}, []any{own}, "http://all.test"},
		{"variable_for_sqs", map[string]string{"AWS_ENDPOINT_URL": "http://all.test", "AWS_ENDPOINT_URL_SQS": "http://own.test"}, []any{own}, "http://own.test"},
		{"ignored", nil, []any{services{endpoint: "http://own.test", ignore: true}}, "http://all.test"},
	} {
		t.Run(test.name, func(t *testing.T) {
			noEnvironment(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			conn, err := sqs.NewFromConfig(aws.Config{BaseEndpoint: new("http://all.test"), ConfigSources: test.sources})
			if err != nil || conn.Endpoint() != test.want {
				t.Errorf("got %v, %v; want %s", conn, err, test.want)
			}
		})
	}
}

// The default client does not carry a signed request to where a redirect points.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	err := connect(t, server.URL).QueueFromURL("/1/q").Purge(t.Context())
	if got, _ := errors.AsType[*sqs.Error](err); got == nil || got.Status != http.StatusTemporaryRedirect {
		t.Errorf("got %v, want an error of status 307", err)
	}
}
