package gateway

import (
	"crypto/tls"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/bufeomq/bufeo/internal/service"
)

func newExchange(o *Options, target string) *exchange {
	r := httptest.NewRequest("GET", target, nil)
	return &exchange{Handler: New(service.New(nil, nil), o), r: r, id: "id"}
}

func TestCallerScope(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential="
	for _, c := range []struct {
		name, authorization, target string
		sender, region              string
	}{
		{"nothing", "", "/", "anonymous", "us-east-1"},
		{"header", signed + "AKID/20260102/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0", "/", "AKID", "eu-west-1"},
		{"header_without_spaces", signed + "AKID/20260102/eu-west-1/sqs/aws4_request,SignedHeaders=host", "/", "AKID", "eu-west-1"},
		{"header_last", "AWS4-HMAC-SHA256 Signature=0, Credential=AKID/20260102/elasticmq/sqs/aws4_request", "/", "AKID", "elasticmq"},
		{"key_with_slash", signed + "a/b/20260102/eu-west-1/sqs/aws4_request", "/", "a/b", "eu-west-1"},
		{"presigned", "", "/?X-Amz-Credential=AKID%2F20260102%2Feu-west-1%2Fsqs%2Faws4_request", "AKID", "eu-west-1"},
		{"header_before_presigned", signed + "one/20260102/eu-west-1/sqs/aws4_request", "/?X-Amz-Credential=two/20260102/eu-west-2/sqs/aws4_request", "one", "eu-west-1"},
		{"too_short", signed + "AKID/20260102/eu-west-1/aws4_request", "/", "anonymous", "us-east-1"},
		{"other_terminator", signed + "AKID/20260102/eu-west-1/sqs/aws9_request", "/", "anonymous", "us-east-1"},
		{"hostile_region", signed + "AKID/20260102/eu%00west/sqs/aws4_request", "/", "anonymous", "us-east-1"},
		{"empty_region", signed + "AKID/20260102//sqs/aws4_request", "/", "anonymous", "us-east-1"},
		{"empty_key", signed + "/20260102/eu-west-1/sqs/aws4_request", "/", "anonymous", "us-east-1"},
		{"sigv2", "AWS AKID:signature", "/", "anonymous", "us-east-1"},
		{"basic", "Basic dXNlcjpwYXNz", "/", "anonymous", "us-east-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newExchange(nil, c.target)
			x.r.Header.Set("Authorization", c.authorization)
			got := x.call()
			if got.SenderID != c.sender || got.Region != c.region {
				t.Errorf("got %s in %s, want %s in %s", got.SenderID, got.Region, c.sender, c.region)
			}
			if got.Account != "000000000000" || got.RequestID != "id" || got.Path != "/" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	public, err := url.Parse("https://sqs.example.org/")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    *Options
		tls  bool
		want string
	}{
		{"what_the_client_used", nil, false, "http://example.com"},
		{"with_TLS", nil, true, "https://example.com"},
		{"public", &Options{PublicURL: public}, false, "https://sqs.example.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newExchange(c.o, "/")
			if c.tls {
				x.r.TLS = &tls.ConnectionState{}
			}
			if got := x.call().BaseURL; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestRequestIDs(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := newRequestID()
		if len(id) != 36 || id[14] != '4' || seen[id] {
			t.Fatalf("got %s, want a new UUID of version 4", id)
		}
		seen[id] = true
	}
}
