package sqs

import (
	"context"
	"errors"
	"net/url"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// ErrNoCredentials is returned by New for a connection to Amazon SQS that has nothing to sign its requests with.
var ErrNoCredentials = errors.New("sqs: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
	"use sqs.WithCredentials, or sqs.NewFromConfig with the SDK's configuration")

type staticCredentials aws.Credentials

func (s staticCredentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials(s), nil
}

// signedWith returns the provider that signs requests, or nil for requests that go unsigned.
func (o Options) signedWith() (aws.CredentialsProvider, error) {
	if o.Credentials == nil {
		return o.fromEnvironment()
	}
	if aws.IsCredentialsProvider(o.Credentials, (*aws.AnonymousCredentials)(nil)) {
		return nil, nil
	}
	switch o.Credentials.(type) {
	case staticCredentials, *aws.CredentialsCache:
		return o.Credentials, nil
	}
	return aws.NewCredentialsCache(o.Credentials), nil
}

// fromEnvironment is where boto looked first. An explicit endpoint without keys is a local server as a rule, which need
// not ask for any; Amazon's always does, and saying so here beats a 403 at the first call.
func (o Options) fromEnvironment() (aws.CredentialsProvider, error) {
	keys := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if keys.HasKeys() {
		return staticCredentials(keys), nil
	}
	if u, err := url.Parse(o.Endpoint); err == nil && o.Endpoint != "" && !amazon(u.Hostname()) {
		return nil, nil
	}
	return nil, ErrNoCredentials
}
