package sqs

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// NewFromConfig makes a connection with region, endpoint, credentials, HTTP client and retry behaviour of an AWS SDK
// configuration, such as config.LoadDefaultConfig returns. The options come last and win. It fails as New does.
func NewFromConfig(cfg aws.Config, optFns ...func(*Options)) (*Connection, error) {
	from := func(o *Options) {
		o.Region = cfg.Region
		o.Endpoint = configEndpoint(cfg)
		o.UseFIPS, o.UseDualStack = configVariant(cfg)
		o.Credentials = cfg.Credentials
		o.HTTPClient = cfg.HTTPClient
		o.Retryer = configRetryer(cfg)
	}
	return New(append([]func(*Options){from}, optFns...)...)
}

// configEndpoint follows the SDK's service clients: an endpoint for SQS alone (AWS_ENDPOINT_URL_SQS, or a profile's
// services section) wins over one for all services, except that AWS_ENDPOINT_URL wins over a profile.
func configEndpoint(cfg aws.Config) string {
	endpoint := aws.ToString(cfg.BaseEndpoint)
	_, forAll := os.LookupEnv("AWS_ENDPOINT_URL")
	_, forSQS := os.LookupEnv("AWS_ENDPOINT_URL_SQS")
	if forAll && !forSQS {
		return endpoint
	}
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(interface {
			GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error)
		}); ok {
			if ignore, found, err := s.GetIgnoreConfiguredEndpoints(context.Background()); found && err == nil && ignore {
				return endpoint
			}
		}
	}
	for _, source := range cfg.ConfigSources {
		s, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if value, found, err := s.GetServiceBaseEndpoint(context.Background(), "SQS"); found && err == nil {
			return value
		}
	}
	return endpoint
}

// configVariant tells which of Amazon's endpoints the configuration wants. The first source that has an opinion counts.
func configVariant(cfg aws.Config) (fips, dual bool) {
	var fipsKnown, dualKnown bool
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(interface {
			GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error)
		}); ok && !fipsKnown {
			if state, found, err := s.GetUseFIPSEndpoint(context.Background()); found && err == nil {
				fipsKnown, fips = true, state == aws.FIPSEndpointStateEnabled
			}
		}
		if s, ok := source.(interface {
			GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error)
		}); ok && !dualKnown {
			if state, found, err := s.GetUseDualStackEndpoint(context.Background()); found && err == nil {
				dualKnown, dual = true, state == aws.DualStackEndpointStateEnabled
			}
		}
	}
	return fips, dual
}

func configRetryer(cfg aws.Config) aws.Retryer {
	var retryer aws.Retryer
	switch {
	case cfg.Retryer != nil:
		retryer = cfg.Retryer()
	case cfg.RetryMode == aws.RetryModeAdaptive:
		retryer = retry.NewAdaptiveMode()
	default:
		retryer = retry.NewStandard()
	}
	if cfg.RetryMaxAttempts > 0 {
		retryer = retry.AddWithMaxAttempts(retryer, cfg.RetryMaxAttempts)
	}
	return retryer
}
