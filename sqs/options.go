package sqs

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/bufeomq/bufeo/internal/api"
)

// Protocol is one of the two wire forms of SQS. Every SQS service of today takes both.
type Protocol int

const (
	// ProtocolJSON is AWS JSON 1.0, what current AWS SDKs speak. It is the default.
	ProtocolJSON = Protocol(api.JSON)
	// ProtocolQuery is form parameters in and XML out, what boto and the AWS SDKs before 2023 spoke.
	ProtocolQuery = Protocol(api.Query)
)

// String returns json or query.
func (p Protocol) String() string { return api.Protocol(p).String() }

// DefaultRegion is the region of a connection that names none, as it was boto's.
const DefaultRegion = "us-east-1"

// Options say how a Connection behaves. The zero value connects to Amazon SQS in us-east-1.
type Options struct {
	// Region is the AWS region that requests are signed for, and that queue ARNs are made of. Default: us-east-1.
	Region string
	// Endpoint is the base URL of the service, such as http://127.0.0.1:9324. Every request goes there, whatever host a
	// queue's URL names. Default: Amazon's endpoint for the region.
	Endpoint string
	// Credentials sign the requests; they are fetched when needed and cached until they expire.
	// aws.AnonymousCredentials{} sends requests unsigned. Default: the environment's AWS_ACCESS_KEY_ID,
	// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN as they were when New was called. Without them New fails with
	// ErrNoCredentials, unless Endpoint is set: then requests go unsigned.
	// NewFromConfig brings profiles, roles and single sign-on.
	Credentials aws.CredentialsProvider
	// Protocol is the wire form of requests. Default: ProtocolJSON.
	Protocol Protocol
	// HTTPClient sends the requests. It must not follow redirects, since a signature is good for one URL only. Default: a
	// client of this connection's own that keeps up to 100 idle connections and waits 70 seconds for an answer to begin.
	HTTPClient aws.HTTPClient
	// Retryer decides which requests are repeated, when, and how often. aws.NopRetryer{} repeats nothing. Default: the
	// SDK's standard retryer, with 3 attempts and a backoff of up to 20 seconds.
	Retryer aws.Retryer
	// MessageClass encodes and decodes the bodies of queues that this connection returns. Default: Base64Message, as
	// in boto.
	MessageClass Codec[string]
	// DisableChecksums leaves the MD5 digests that come with messages unchecked. Default: every message written and
	// read is checked.
	DisableChecksums bool
}

// WithRegion sets Options.Region.
func WithRegion(name string) func(*Options) {
	return func(o *Options) { o.Region = name }
}

// WithEndpoint sets Options.Endpoint.
func WithEndpoint(baseURL string) func(*Options) {
	return func(o *Options) { o.Endpoint = baseURL }
}

// WithCredentials sets Options.Credentials to a fixed pair of keys. sessionToken is "" for keys that do not expire.
func WithCredentials(accessKeyID, secretAccessKey, sessionToken string) func(*Options) {
	keys := aws.Credentials{
		AccessKeyID: accessKeyID, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Source: "sqs.WithCredentials",
	}
	return func(o *Options) { o.Credentials = staticCredentials(keys) }
}

// WithProtocol sets Options.Protocol.
func WithProtocol(p Protocol) func(*Options) {
	return func(o *Options) { o.Protocol = p }
}

// WithHTTPClient sets Options.HTTPClient.
func WithHTTPClient(c aws.HTTPClient) func(*Options) {
	return func(o *Options) { o.HTTPClient = c }
}

// WithMessageClass sets Options.MessageClass.
func WithMessageClass(codec Codec[string]) func(*Options) {
	return func(o *Options) { o.MessageClass = codec }
}

// 70 s is boto's http_socket_timeout: longer than any long poll (20 s), so what has not answered by then is gone.
const answerTimeout = 70 * time.Second

// withDefaults fills what is unset, except Credentials, which can fail.
func (o Options) withDefaults() Options {
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.HTTPClient == nil {
		o.HTTPClient = newHTTPClient()
	}
	if o.Retryer == nil {
		o.Retryer = retry.NewStandard()
	}
	if o.MessageClass == nil {
		o.MessageClass = Base64Message{}
	}
	return o
}

// newHTTPClient differs from http.DefaultClient in three ways. It keeps more than two idle connections per host, which
// is the default and makes a program of 32 goroutines open a connection for almost every request. It does not wait for
// ever. And it follows no redirect, because the signature covers host and path.
func newHTTPClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 100
	transport.ResponseHeaderTimeout = answerTimeout
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// base parses and checks the address of the service. The path it returns has neither a trailing slash nor empty
// segments, which boto removed too.
func (o Options) base() (*url.URL, error) {
	text := o.Endpoint
	if text == "" {
		text = partitionOf(o.Region).endpoint(o.Region)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("sqs: endpoint: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("sqs: endpoint is %q, want scheme and host as in http://127.0.0.1:9324", text)
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("sqs: endpoint is %q, want no user, query or fragment", u.Redacted())
	}
	u.Path = joinPath(u.Path)
	u.RawPath = ""
	return u, nil
}

// joinPath joins the non-empty segments of paths, each after a slash: "" for none.
func joinPath(paths ...string) string {
	var joined strings.Builder
	for _, p := range paths {
		for segment := range strings.SplitSeq(p, "/") {
			if segment != "" {
				joined.WriteByte('/')
				joined.WriteString(segment)
			}
		}
	}
	return joined.String()
}
