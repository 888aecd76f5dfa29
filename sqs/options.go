package sqs

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

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

const (
	// APIVersion is the version of the API that requests are for: the only one that SQS ever had.
	APIVersion = api.Version
	// SigningName is the name of the service in the scope of signatures: boto's AuthServiceName.
	SigningName = "sqs"
)

// DefaultRegion is the region of a connection that names none, as it was boto's.
const DefaultRegion = "us-east-1"

// Options say how a Connection behaves. The zero value connects to Amazon SQS in us-east-1.
type Options struct {
	// Region is the AWS region that requests are signed for, and that queue ARNs are made of. Default: us-east-1.
	Region string
	// Endpoint is the base URL of the service, such as http://127.0.0.1:9324. Every request goes there, whatever host a
	// queue's URL names. Default: Amazon's endpoint for the region.
	Endpoint string
	// UseFIPS and UseDualStack choose Amazon's endpoint with FIPS 140 cryptography, and the one with IPv6. They have no
	// meaning beside Endpoint. NewFromConfig sets them as the configuration says, which reads AWS_USE_FIPS_ENDPOINT and
	// AWS_USE_DUALSTACK_ENDPOINT.
	UseFIPS, UseDualStack bool
	// Credentials sign the requests; they are fetched when needed and cached until they expire.
	// aws.AnonymousCredentials{} sends requests unsigned. Default: the environment's AWS_ACCESS_KEY_ID,
	// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN as they were when New was called. Without them New fails with
	// ErrNoCredentials, unless Endpoint is set to another service than Amazon's: then requests go unsigned.
	// NewFromConfig brings profiles, roles and single sign-on.
	Credentials aws.CredentialsProvider
	// Protocol is the wire form of requests. Default: ProtocolJSON.
	Protocol Protocol
	// HTTPClient sends the requests. It must not follow redirects, since a signature is good for one URL only. Default: a
	// client of this connection's own that keeps up to 100 idle connections and waits 70 seconds for an answer to begin.
	HTTPClient aws.HTTPClient
	// Proxy is the URL of the proxy that requests go through, such as http://user:password@127.0.0.1:3128; https and socks5
	// work too. It needs the default HTTPClient, or the one of the SDK's config package. Default: the environment's
	// HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as for every Go program.
	Proxy string
	// TLSConfig says which certificates are trusted, and what else concerns TLS. It needs the same HTTPClient as Proxy, and
	// is copied. Default: the system's certificates.
	TLSConfig *tls.Config
	// Retryer decides which requests are repeated, when, and how often. aws.NopRetryer{} repeats nothing. Default: the
	// SDK's standard retryer, with 3 attempts and a backoff of up to 20 seconds.
	Retryer aws.Retryer
	// MaxAttempts is how often a request is sent at most. Default: what Retryer has.
	MaxAttempts int
	// Log gets a record of each attempt at slog.LevelDebug, and bodies at LevelWire. Default: none.
	Log *slog.Logger
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

// WithProxy sets Options.Proxy.
func WithProxy(proxyURL string) func(*Options) {
	return func(o *Options) { o.Proxy = proxyURL }
}

// WithTLSConfig sets Options.TLSConfig. &tls.Config{InsecureSkipVerify: true} is boto's validate_certs=False; a RootCAs
// with the certificate of one's own server is the better answer.
func WithTLSConfig(c *tls.Config) func(*Options) {
	return func(o *Options) { o.TLSConfig = c }
}

// WithRetryMode sets Options.Retryer to one of the SDK's: aws.RetryModeAdaptive slows down while the server throttles,
// everything else is aws.RetryModeStandard, the default.
func WithRetryMode(mode aws.RetryMode) func(*Options) {
	return func(o *Options) {
		if o.Retryer = retry.NewStandard(); mode == aws.RetryModeAdaptive {
			o.Retryer = retry.NewAdaptiveMode()
		}
	}
}

// WithMaxAttempts sets Options.MaxAttempts. 1 repeats nothing; boto made up to 7.
func WithMaxAttempts(n int) func(*Options) {
	return func(o *Options) { o.MaxAttempts = n }
}

// WithLog sets Options.Log.
func WithLog(l *slog.Logger) func(*Options) {
	return func(o *Options) { o.Log = l }
}

// WithMessageClass sets Options.MessageClass.
func WithMessageClass(codec Codec[string]) func(*Options) {
	return func(o *Options) { o.MessageClass = codec }
}

// withDefaults fills what is unset, except Credentials, which can fail.
func (o Options) withDefaults() Options {
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.Retryer == nil {
		o.Retryer = retry.NewStandard()
	}
	if o.MaxAttempts > 0 {
		o.Retryer = retry.AddWithMaxAttempts(o.Retryer, o.MaxAttempts)
	}
	if o.MessageClass == nil {
		o.MessageClass = Base64Message{}
	}
	return o
}

// base parses and checks the address of the service. The path it returns has neither a trailing slash nor empty
// segments, which boto removed too.
func (o Options) base() (*url.URL, error) {
	text := o.Endpoint
	if text == "" {
		text = partitionOf(o.Region).endpoint(o.Region, o.UseFIPS, o.UseDualStack)
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
