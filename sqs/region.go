package sqs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnknownRegion is the error of ConnectToRegion for a name that Regions does not have.
var ErrUnknownRegion = errors.New("sqs: unknown region")

// Region is a place with an SQS service: boto's SQSRegionInfo. Regions returns Amazon's; a program can make its own.
type Region struct {
	// Name is what requests are signed for, such as eu-west-1.
	Name string
	// Endpoint is the base URL of the service there. Default: Amazon's for a region of that name.
	Endpoint string
}

// Regions returns all regions of Amazon SQS, in all partitions, by name. A region that Amazon opened later works too: New
// takes any name. The slice is the caller's.
func Regions() []Region {
	all := make([]Region, len(amazonRegions))
	for i, name := range amazonRegions {
		all[i] = Region{Name: name, Endpoint: partitionOf(name).endpoint(name, false, false)}
	}
	return all
}

// ConnectToRegion makes a connection to Amazon SQS in a region that Regions has, and fails with ErrUnknownRegion for
// another name. It fails as New does besides. boto returned None for an unknown region, which failed where it was used.
func ConnectToRegion(name string, optFns ...func(*Options)) (*Connection, error) {
	if !slices.Contains(amazonRegions, name) {
		return nil, fmt.Errorf("%w %q: Regions lists those that are known, New takes any", ErrUnknownRegion, name)
	}
	return Region{Name: name}.Connect(optFns...)
}

// Connect makes a connection to the region's service. The options come last and win. It fails as New does.
func (r Region) Connect(optFns ...func(*Options)) (*Connection, error) {
	there := func(o *Options) { o.Region, o.Endpoint = r.Name, r.Endpoint }
	return New(append([]func(*Options){there}, optFns...)...)
}

// Partition returns the name of the set of regions that the region is in, as it stands in ARNs: aws for all but China's
// (aws-cn), governments' (aws-us-gov, aws-iso and others) and the European sovereign cloud's (aws-eusc).
func (r Region) Partition() string { return partitionOf(r.Name).name }

// LegacyEndpoint returns the base URL that boto used for the region, such as https://eu-west-1.queue.amazonaws.com, and ""
// for a region that boto did not know. Amazon still answers there, and queue URLs of old have these hosts.
func (r Region) LegacyEndpoint() string {
	switch {
	case !slices.Contains(botoRegions, r.Name):
		return ""
	case r.Name == DefaultRegion:
		return "https://queue.amazonaws.com"
	}
	return "https://" + r.Name + ".queue." + partitionOf(r.Name).suffix
}

// amazonRegions are those of the SDK's table of SQS endpoints (service/sqs v1.52.10, 5 November 2026), by name. A test
// in test/compat compares them with that table, and their endpoints with what the SDK resolves.
var amazonRegions = strings.Fields(`
	af-south-1
	ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
	ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
	ca-central-1 ca-west-1
	cn-north-1 cn-northwest-1
	eu-central-1 eu-central-2 eu-isoe-west-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
	eusc-de-east-1
	il-central-1
	me-central-1 me-south-1
	mx-central-1
	sa-east-1
	us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1
	us-isof-east-1 us-isof-south-1 us-west-1 us-west-2`)

// botoRegions are those that boto 2.49 knew.
var botoRegions = strings.Fields(`
	ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 cn-north-1 eu-central-1
	eu-west-1 eu-west-2 sa-east-1 us-east-1 us-east-2 us-gov-west-1 us-west-1 us-west-2`)
