package sqs

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// 70 s is boto's http_socket_timeout: longer than any long poll (20 s), so what has not answered by then is gone.
const answerTimeout = 70 * time.Second

// client returns what sends the requests: HTTPClient, with a transport that goes by Proxy and TLSConfig.
func (o Options) client() (aws.HTTPClient, error) {
	proxy, err := o.proxy()
	if err != nil {
		return nil, err
	}
	change := func(t *http.Transport) {
		if proxy != nil {
			t.Proxy = http.ProxyURL(proxy)
		}
		if o.TLSConfig != nil {
			t.TLSClientConfig = o.TLSConfig.Clone()
		}
	}
	switch c := o.HTTPClient.(type) {
	case nil:
		own := newHTTPClient()
		change(own.Transport.(*http.Transport))
		return own, nil
	case *awshttp.BuildableClient: // from the SDK's config package
		if proxy != nil || o.TLSConfig != nil {
			return c.WithTransportOptions(change), nil
		}
	default:
		if proxy != nil || o.TLSConfig != nil {
			return nil, errors.New("sqs: Proxy and TLSConfig do not go with an HTTPClient: its transport has its own")
		}
	}
	return o.HTTPClient, nil
}

// proxy returns nil when there is none. Its user and password are no part of the error, which may be logged.
func (o Options) proxy() (*url.URL, error) {
	if o.Proxy == "" {
		return nil, nil
	}
	u, err := url.Parse(o.Proxy)
	if err != nil || u.Host == "" {
		return nil, errors.New("sqs: proxy: want a URL as in http://user:password@127.0.0.1:3128")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, fmt.Errorf("sqs: proxy: scheme is %q, want http, https, socks5 or socks5h", u.Scheme)
}

// newHTTPClient differs from http.DefaultClient in three ways. It keeps more than two idle connections per host, which
// is the default and makes a program of 32 goroutines open a connection for almost every request. It does not wait for
// ever. And it follows no redirect, because the signature covers host and path.
func newHTTPClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 100
	transport.ResponseHeaderTimeout = answerTimeout
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
