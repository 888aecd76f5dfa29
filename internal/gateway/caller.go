package gateway

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/bufeomq/bufeo/internal/service"
)

// anonymous is the sender of requests that nobody signed.
const anonymous = "anonymous"

// call describes the request to the service.
func (x *exchange) call() *service.Call {
	c := &service.Call{
		Protocol:    x.protocol,
		Account:     x.o.Account,
		Region:      x.o.Region,
		BaseURL:     x.baseURL(),
		Path:        x.r.URL.Path,
		SenderID:    anonymous,
		TraceHeader: x.r.Header.Get("X-Amzn-Trace-Id"),
		RequestID:   x.id,
		Memory:      (*answerMemory)(x),
		Appended:    x.ease,
	}
	if key, region, ok := parseScope(credential(x.r)); ok {
		c.SenderID, c.Region = key, region
	}
	return c
}

// baseURL is what the URLs of queues begin with: the public URL, else what the client itself used, which works through
// port mappings of every kind. A proxy in front that ends TLS needs the public URL: forwarded headers are not trusted.
func (x *exchange) baseURL() string {
	if u := x.o.PublicURL; u != nil {
		return u.Scheme + "://" + u.Host
	}
	scheme, host := "http://", x.r.Host
	if x.r.TLS != nil {
		scheme = "https://"
	}
	if local, ok := x.r.Context().Value(http.LocalAddrContextKey).(net.Addr); host == "" && ok {
		host = local.String() // HTTP/1.0 has no Host header
	}
	return scheme + host
}

// credential is the credential of a SigV4 signature: in the Authorization header, or in a presigned URL.
func credential(r *http.Request) string {
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		if end := strings.IndexAny(rest, ", "); end >= 0 {
			rest = rest[:end]
		}
		return rest
	}
	if !strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		return ""
	}
	q, _ := url.ParseQuery(r.URL.RawQuery) // of a malformed one, what could be read
	return q.Get("X-Amz-Credential")
}

// parseScope takes a credential apart: access key, date, region, service, terminator. It is read from the end, since
// made-up access keys have slashes. Key and region become parts of what is stored, so odd ones do not count.
func parseScope(credential string) (key, region string, ok bool) {
	parts := strings.Split(credential, "/")
	n := len(parts)
	if n < 5 || parts[n-1] != "aws4_request" {
		return "", "", false
	}
	key, region = strings.Join(parts[:n-4], "/"), parts[n-3]
	return strings.Clone(key), strings.Clone(region), validKey(key) && validRegion(region)
}

// validKey: AWS's access keys are 16 to 128 characters; those of test set-ups can be shorter.
func validKey(key string) bool {
	if key == "" || len(key) > 128 {
		return false
	}
	return strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// validRegion: lower-case words and digits joined by hyphens, AWS's and made-up ones such as elasticmq alike.
func validRegion(region string) bool {
	if region == "" || len(region) > 64 {
		return false
	}
	odd := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	return strings.IndexFunc(region, odd) < 0
}
