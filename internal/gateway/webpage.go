package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// pageGuard refuses requests that a web page had a browser send. A page anywhere can make the browsers of its visitors
// send forms and GETs to a server on their machine or in their network, and Query needs no more than that.
//
// Three signs give such a request away: an Origin that is not this server; Sec-Fetch-Site, which pages cannot forge;
// and, where the listener is loopback, a Host that is not: the page's own name, made to resolve to 127.0.0.1 so that
// the browser takes the server for the page's (DNS rebinding). SQS clients send none of them.
//
// Names in PublicURL and AllowHosts pass as Host and as Origin. Answers to pages of another origin carry no CORS
// headers, so those pages can send, and not read.
type pageGuard struct {
	loopback bool
	allowed  map[string]bool // host names in lower case
}

func newPageGuard(o *Options) pageGuard {
	g := pageGuard{loopback: o.Loopback, allowed: make(map[string]bool)}
	for _, h := range o.AllowHosts {
		g.allowed[hostname(h)] = true
	}
	if o.PublicURL != nil {
		g.allowed[hostname(o.PublicURL.Host)] = true
	}
	return g
}

func (g *pageGuard) check(r *http.Request) error {
	if host := hostname(r.Host); g.loopback && host != "" && !isLoopback(host) && !g.allowed[host] {
		return refusal("this server listens on loopback and does not answer to the name %s", host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" { // "null" among them: sandboxed frames and local files
			return api.ForeignOrigin.New("Refused: the request comes from a web page without an address of its own.")
		}
		name := hostname(u.Host)
		if g.allowed[name] {
			return nil
		}
		if !strings.EqualFold(u.Host, r.Host) {
			return refusal("the request comes from a web page of %s", name)
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return nil
	}
	return api.ForeignOrigin.New("Refused: the request comes from a web page of another site.")
}

// refusal says what is wrong with a host and how to allow it.
func refusal(format, host string) error {
	host = clip(host)
	return api.ForeignOrigin.New(fmt.Sprintf("Refused: "+format+". If that is intended, start bufeo with --allow-host %s"+
		" (or with --public-url, if clients reach it under that name).", host, host))
}

// hostname is the name or address in a Host header: in lower case, without port, brackets and the root's dot.
func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isLoopback: 127.0.0.0/8, ::1, localhost and the names below it, which browsers resolve to loopback by themselves.
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
