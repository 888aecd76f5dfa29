package cli

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/bufeomq/bufeo/server"
	"github.com/bufeomq/bufeo/sqs"
)

// localServer is where commands work when nothing says otherwise: a bufeo with default flags.
const localServer = "http://" + server.DefaultAddress

// rung is one of the places that can name an endpoint.
type rung struct{ source, url string }

// rungs are those places, in order. Only they, and --aws, can lead to Amazon: keys that lie in the environment alone
// must not be enough to purge a queue there.
func (t *target) rungs(getenv func(string) string, pr *profile) []rung {
	all := []rung{
		{"--endpoint-url", t.endpointURL},
		{"BUFEO_ENDPOINT_URL", getenv("BUFEO_ENDPOINT_URL")},
	}
	if pr.ignore || isTrue(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) {
		return all
	}
	return append(all,
		rung{"AWS_ENDPOINT_URL_SQS", getenv("AWS_ENDPOINT_URL_SQS")},
		rung{"AWS_ENDPOINT_URL", getenv("AWS_ENDPOINT_URL")},
		rung{"endpoint_url of profile " + pr.name, pr.endpoint},
	)
}

// namedEndpoint returns the base URL that the first rung has which has one, and "" if none has. With --aws, rungs that
// lead elsewhere do not count, but for the flag, which contradicts it.
func (t *target) namedEndpoint(rungs []rung) (string, error) {
	for _, r := range rungs {
		if r.url == "" {
			continue
		}
		u, err := baseURL(r.url)
		if err != nil {
			return "", &usageError{fmt.Sprintf("%s is %q, want a URL such as %s", r.source, r.url, localServer), "correct it, or unset it"}
		}
		if !bool(*t.aws) || isAmazon(u.Hostname()) {
			return strings.TrimRight(u.String(), "/"), nil
		}
		if r.source == "--endpoint-url" {
			return "", &usageError{"--aws and --endpoint-url " + r.url + " contradict each other", "leave one of them out"}
		}
	}
	return "", nil
}

// baseURL parses the URL of a service.
func baseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no base URL", text)
	}
	return u, nil
}

// Amazon's endpoints that have IPv6, too, have suffixes of their own, which sqs.Regions does not show.
var dualStack = []string{".api.aws", ".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu"}

// isAmazon reports whether a host is one of Amazon's: requests to it cost money, and queues there are somebody's.
func isAmazon(host string) bool {
	host = strings.ToLower(host)
	for _, r := range sqs.Regions() {
		suffix, ok := strings.CutPrefix(r.Endpoint, "https://sqs."+r.Name)
		if ok && strings.HasSuffix(host, suffix) {
			return true
		}
	}
	for _, suffix := range dualStack {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

var regionLabel = regexp.MustCompile(`(?:^|\.)([a-z]{2,5}(?:-[a-z]+)+-[0-9]+)\.`)

// regionOf finds the region in the name of one of Amazon's hosts, such as sqs.eu-west-1.amazonaws.com.
func regionOf(host string) string {
	if m := regionLabel.FindStringSubmatch(strings.ToLower(host)); m != nil && isAmazon(host) {
		return m[1]
	}
	return ""
}
