package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// FuzzSign compares the signer of this package with the SDK's: the headers must be the same, byte for byte, wherever ours
// takes a request at all.
func FuzzSign(f *testing.F) {
	f.Add("127.0.0.1:9324", "/", "AmazonSQS.SendMessage", `{"QueueUrl":"q"}`, "AKIDEXAMPLE", "secret", "", "us-east-1", int64(1440938160))
	f.Add("sqs.eu-west-1.amazonaws.com", "/123456789012/a-b_c.fifo", "", "Action=SendMessage", "key", "s", "token", "eu-west-1", int64(0))
	f.Add("[::1]:80", "/a b/%41", "x  y", "", " ", "", " t ", "", int64(1<<36))
	f.Add("h:443", "", "Ä", "b", "k", "s", "t", "r", int64(-1))
	signers := map[string]*requestSigner{"same": {}} // one that has keys already, as that of a connection has
	f.Fuzz(func(t *testing.T, host, path, target, body, key, secret, token, region string, at int64) {
		now := time.Unix(at&(1<<37-1), 0).UTC()
		make := func(scheme string) *http.Request {
			r := request{url: url.URL{Scheme: scheme, Host: host, Path: path}, contentType: "application/x-amz-json-1.0", target: target, body: []byte(body)}
			req, err := r.http(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return req
		}
		keys := aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: token}
		sum := sha256.Sum256([]byte(body))
		for _, scheme := range []string{"http", "https"} {
			for _, ours := range []*requestSigner{signers["same"], {}} {
				got, want := make(scheme), make(scheme)
				unsigned := maps.Clone(got.Header)
				if !ours.sign(got, keys, sum, region, now) {
					if !maps.EqualFunc(got.Header, unsigned, slices.Equal) {
						t.Errorf("a request that is not signed was changed: %v", got.Header)
					}
					continue
				}
				if err := v4.NewSigner().SignHTTP(t.Context(), keys, want, hex.EncodeToString(sum[:]), "sqs", region, now); err != nil {
					t.Fatal(err)
				}
				if !maps.EqualFunc(got.Header, want.Header, slices.Equal) || got.Host != want.Host || got.URL.String() != want.URL.String() {
					t.Errorf("got  %v %s %v\nwant %v %s %v", got.Host, got.URL, got.Header, want.Host, want.URL, want.Header)
				}
			}
		}
	})
}

// TestSignTakesOurRequests makes sure that the requests of this package are of the shape that is signed here.
func TestSignTakesOurRequests(t *testing.T) {
	for _, protocol := range []Protocol{ProtocolJSON, ProtocolQuery} {
		for _, endpoint := range []string{"http://127.0.0.1:9324", "https://sqs.eu-west-1.amazonaws.com", "https://example.org/sqs"} {
			conn, err := New(WithEndpoint(endpoint), WithProtocol(protocol), WithCredentials("key", "secret", "token"))
			if err != nil {
				t.Fatal(err)
			}
			req, err := conn.newRequest("SendMessage", "/123456789012/a-b_c.fifo", &struct{}{}).http(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			keys := aws.Credentials{AccessKeyID: "key", SecretAccessKey: strings.Repeat("s", 40), SessionToken: "token"}
			if !conn.signing.sign(req, keys, [32]byte{}, "eu-west-1", time.Now()) {
				t.Errorf("%s, %s: left to the SDK's signer", protocol, endpoint)
			}
		}
	}
}

// BenchmarkSign is what a signature costs, here and with the SDK.
func BenchmarkSign(b *testing.B) {
	conn, err := New(WithEndpoint("http://127.0.0.1:9324"), WithCredentials("key", "secret", ""))
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(strings.Repeat("x", 300))
	sum := sha256.Sum256(body)
	hexSum := hex.EncodeToString(sum[:])
	keys := aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}
	req, err := conn.newRequest("SendMessage", "", &struct{}{}).http(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !conn.signing.sign(req, keys, sum, "us-east-1", time.Now().UTC()) {
				b.Fatal("not signed")
			}
		}
	})
	b.Run("sdk", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := conn.signer.SignHTTP(b.Context(), keys, req, hexSum, "sqs", "us-east-1", time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
