package sqs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

func TestRegions(t *testing.T) {
	noEnvironment(t)
	all := sqs.Regions()
	if !slices.IsSortedFunc(all, func(a, b sqs.Region) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the regions are not in the order of their names")
	}
	partitions, legacy := map[string]int{}, 0
	for _, r := range all {
		partitions[r.Partition()]++
		conn, err := sqs.ConnectToRegion(r.Name, sqs.WithCredentials("key", "secret", ""))
		if err != nil || conn.Region() != r.Name || conn.Endpoint() != r.Endpoint {
			t.Errorf("%s: got %v, %v", r.Name, conn, err)
		}
		if r.LegacyEndpoint() != "" {
			legacy++
		}
	}
	for name, want := range map[string]int{
		"aws": 34, "aws-cn": 2, "aws-eusc": 1, "aws-iso": 2, "aws-iso-b": 2, "aws-iso-e": 1, "aws-iso-f": 2, "aws-us-gov": 2,
	} {
		if partitions[name] != want {
			t.Errorf("%s has %d regions, want %d", name, partitions[name], want)
		}
	}
	if legacy != 16 {
		t.Errorf("%d regions have a legacy endpoint, want boto's 16", legacy)
	}
	all[0].Name = "changed"
	if sqs.Regions()[0].Name == "changed" {
		t.Error("Regions returns what it keeps")
	}
}

func TestEndpointsOfRegions(t *testing.T) {
	for _, test := range []struct{ name, endpoint, legacy string }{
		{"us-east-1", "https://sqs.us-east-1.amazonaws.com", "https://queue.amazonaws.com"},
		{"eu-west-1", "https://sqs.eu-west-1.amazonaws.com", "https://eu-west-1.queue.amazonaws.com"},
		{"cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn", "https://cn-north-1.queue.amazonaws.com.cn"},
		{"eusc-de-east-1", "https://sqs.eusc-de-east-1.amazonaws.eu", ""},
		{"mx-central-1", "https://sqs.mx-central-1.amazonaws.com", ""},
	} {
		i := slices.IndexFunc(sqs.Regions(), func(r sqs.Region) bool { return r.Name == test.name })
		if got := sqs.Regions()[i]; got.Endpoint != test.endpoint || got.LegacyEndpoint() != test.legacy {
			t.Errorf("got %s and %q, want %s and %q", got.Endpoint, got.LegacyEndpoint(), test.endpoint, test.legacy)
		}
	}
}

func TestEndpointVariants(t *testing.T) {
	for _, test := range []struct {
		region     string
		fips, dual bool
		want       string
	}{
		{"us-east-1", true, false, "https://sqs-fips.us-east-1.amazonaws.com"},
		{"eu-west-1", false, true, "https://sqs.eu-west-1.api.aws"},
		{"us-gov-west-1", true, false, "https://sqs.us-gov-west-1.amazonaws.com"},
		{"us-gov-west-1", true, true, "https://sqs-fips.us-gov-west-1.api.aws"},
	} {
		conn := connect(t, "", sqs.WithRegion(test.region), func(o *sqs.Options) { o.UseFIPS, o.UseDualStack = test.fips, test.dual })
		if got := conn.Endpoint(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestConnectToRegion_that_is_unknown(t *testing.T) {
	for _, name := range []string{"", "eu-west-9", "aws-global", "EU-WEST-1"} {
		if conn, err := sqs.ConnectToRegion(name); conn != nil || !errors.Is(err, sqs.ErrUnknownRegion) {
			t.Errorf("%q: got %v, %v; want ErrUnknownRegion", name, conn, err)
		}
	}
}

func TestRegionConnect(t *testing.T) {
	noEnvironment(t)
	f := &fake{answer: agree}
	conn, err := sqs.Region{Name: "here", Endpoint: "http://10.0.0.1:9324/queues"}.Connect(sqs.WithHTTPClient(f), sqs.WithCredentials("AKID", "s", ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.QueueFromURL("/1/q").Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := f.requests()[0]
	if got := r.URL.String(); got != "http://10.0.0.1:9324/queues/" || !strings.Contains(r.Header.Get("Authorization"), "/here/sqs/aws4_request") {
		t.Errorf("got %s, %s", got, r.Header.Get("Authorization"))
	}
	// A legacy endpoint is Amazon's as much as today's: it always wants keys.
	legacy := sqs.Region{Name: "eu-west-1", Endpoint: sqs.Region{Name: "eu-west-1"}.LegacyEndpoint()}
	if _, err := legacy.Connect(); !errors.Is(err, sqs.ErrNoCredentials) {
		t.Errorf("got %v, want ErrNoCredentials", err)
	}
	for _, host := range []string{"https://sqs.eu-west-1.api.aws", "https://SQS.cn-north-1.amazonaws.com.cn", "https://sqs.eusc-de-east-1.amazonaws.eu"} {
		if _, err := sqs.New(sqs.WithEndpoint(host)); !errors.Is(err, sqs.ErrNoCredentials) {
			t.Errorf("%s: got %v, want ErrNoCredentials", host, err)
		}
	}
	if _, err := sqs.New(sqs.WithEndpoint("https://amazonaws.com.example.org")); err != nil {
		t.Errorf("a host that is not Amazon's: got %v, want unsigned requests", err)
	}
	if conn, err := legacy.Connect(sqs.WithCredentials("k", "s", ""), sqs.WithRegion("eu-west-2"), sqs.WithEndpoint("")); err != nil ||
		conn.Endpoint() != "https://sqs.eu-west-2.amazonaws.com" {
		t.Errorf("got %v, %v; want that options win", conn, err)
	}
}
