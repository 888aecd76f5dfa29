package sqs

import (
	"slices"
	"strings"
)

// partition is a set of AWS regions with a name, which stands in ARNs, and a DNS suffix of its own.
type partition struct {
	prefix, name, suffix string
}

// The partitions other than aws, by the prefix of their regions (botocore's partitions.json, 2026).
var partitions = []partition{
	{"cn-", "aws-cn", "amazonaws.com.cn"},
	{"us-gov-", "aws-us-gov", "amazonaws.com"},
	{"us-iso-", "aws-iso", "c2s.ic.gov"},
	{"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
	{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
	{"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
	{"eusc-", "aws-eusc", "amazonaws.eu"},
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
var commercial = partition{name: "aws", suffix: "amazonaws.com"}

// amazon reports whether a host is one of Amazon's.
func amazon(host string) bool {
	isOne := func(p partition) bool { return strings.HasSuffix(strings.ToLower(host), "."+p.suffix) }
	return isOne(commercial) || slices.ContainsFunc(partitions, isOne)
}

// endpoint is Amazon's SQS endpoint for a region. boto used the legacy form, <region>.queue.amazonaws.com, which exists
// for old regions only.
func (p partition) endpoint(region string) string {
	return "https://sqs." + region + "." + p.suffix
}
