package sqs

import (
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Connection is a client of one SQS service in one region: boto's SQSConnection. It opens network connections as they
// are needed and needs no closing. It is safe for concurrent use; one per process and region is enough.
type Connection struct {
	options Options
	base    *url.URL
	keys    aws.CredentialsProvider // nil: unsigned
	signer  *v4.Signer              // of requests that signing does not know; caches derived keys
	signing requestSigner
	retryer aws.RetryerV2
}

// New makes a connection. It sends nothing: a wrong endpoint or wrong keys show at the first call. It fails for options
// that cannot work, and with ErrNoCredentials (see Options.Credentials).
func New(optFns ...func(*Options)) (*Connection, error) {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	o = o.withDefaults()
	base, err := o.base()
	if err != nil {
		return nil, err
	}
	keys, err := o.signedWith()
	if err != nil {
		return nil, err
	}
	if o.HTTPClient, err = o.client(); err != nil {
		return nil, err
	}
	return &Connection{options: o, base: base, keys: keys, signer: v4.NewSigner(), retryer: retryerV2(o.Retryer)}, nil
}

// Region returns the region that requests are signed for.
func (c *Connection) Region() string { return c.options.Region }

// Endpoint returns the base URL that requests go to, without a trailing slash.
func (c *Connection) Endpoint() string { return c.base.String() }
