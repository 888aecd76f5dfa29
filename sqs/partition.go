package sqs

import (
	"slices"
	"strings"
)

// partition is a set of AWS regions with a name, which stands in ARNs, and a DNS suffix of its own.
type partition struct {
	prefix, name, suffix string
	dual                 string // DNS suffix of the endpoints that have IPv6, too
}

// The partitions other than aws, by the prefix of their regions (botocore's partitions.json, 2026).
var partitions = []partition{
	{"cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
	{"us-gov-", "aws-us-gov", "amazonaws.com", "api.aws"},
	{"us-iso-", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov"},
	{"us-isob-", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"},
	{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
	{"us-isof-", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
	{"eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"},
}

func partitionOf(region string) partition {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p
		}
	}
	return commercial
}

// commercial is the partition of everybody who is in no other.
var commercial = partition{name: "aws", suffix: "amazonaws.com", dual: "api.aws"}

// amazon reports whether a host is one of Amazon's.
func amazon(host string) bool {
	host = strings.ToLower(host)
	isOne := func(p partition) bool {
		return strings.HasSuffix(host, "."+p.suffix) || strings.HasSuffix(host, "."+p.dual)
	}
	return isOne(commercial) || slices.ContainsFunc(partitions, isOne)
}

// endpoint is Amazon's SQS endpoint for a region, the one with FIPS 140 cryptography and the one with IPv6 if asked for.
// Governments' usual endpoints have FIPS already. boto used the legacy form, <region>.queue.amazonaws.com, which exists
// for old regions only.
func (p partition) endpoint(region string, fips, dual bool) string {
	service, suffix := "sqs.", p.suffix
	if fips && (dual || p.name != "aws-us-gov") {
		service = "sqs-fips."
	}
	if dual {
		suffix = p.dual
	}
	return "https://" + service + region + "." + suffix
}
