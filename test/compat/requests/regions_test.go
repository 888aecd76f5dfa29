package requests

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/bufeomq/bufeo/sqs"
)

// plainRegion is a key of the SDK's table of endpoints: one without a Variant.
var plainRegion = regexp.MustCompile(`Region:\s+"([^"]+)",\s+\}: `)

// TestRegions compares the regions of package sqs with the SDK's table, whose package is internal and therefore read as
// a file. When the SDK is raised and this fails, Amazon has a new region.
func TestRegions(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/sqs").Output()
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "endpoints", "endpoints.go"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range plainRegion.FindAllStringSubmatch(string(table), -1) {
		if !strings.HasPrefix(m[1], "fips-") {
			want = append(want, m[1])
		}
	}
	slices.Sort(want)
	for _, r := range sqs.Regions() {
		got = append(got, r.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestEndpointsOfRegions resolves the endpoint of each region with the SDK, in all its variants.
func TestEndpointsOfRegions(t *testing.T) {
	resolver := awssqs.NewDefaultEndpointResolverV2()
	for _, r := range sqs.Regions() {
		for _, v := range []struct{ fips, dual bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
			want, err := resolver.ResolveEndpoint(t.Context(), awssqs.EndpointParameters{Region: &r.Name, UseFIPS: &v.fips, UseDualStack: &v.dual})
			if err != nil {
				t.Fatalf("%s %v: %v", r.Name, v, err)
			}
			conn, err := r.Connect(sqs.WithEndpoint(""), sqs.WithCredentials("k", "s", ""), func(o *sqs.Options) { o.UseFIPS, o.UseDualStack = v.fips, v.dual })
			if err != nil || conn.Endpoint() != want.URI.String() {
				t.Errorf("%s %v: got %v (%v), want %s", r.Name, v, conn.Endpoint(), err, want.URI.String())
			}
		}
	}
}
