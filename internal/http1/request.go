package http1

import (
	"net/http"
	"net/textproto"
	"strings"
)

// head is the header of a request that is served here.
type head struct {
	path, host string
	length     int64 // of the body, at least 1
}

// readHead reads the header of a request, from its first line to the empty one, and puts its fields into h. It reports
// false for anything that is not plain, which is then net/http's to judge; h is of no use after that. Plain is what
// leaves no question open, and what SDKs send: POST; a path of letters, digits and a few signs; HTTP/1.1; fields with
// plain names and printable values; one Host and one Content-Length above 0; none of the fields that change what a
// message is.
func readHead(text string, h http.Header) (head, bool) {
	var hd head
	line, rest, _ := strings.Cut(text, "\r\n")
	line, ok := strings.CutPrefix(line, "POST ")
	if !ok {
		return hd, false
	}
	hd.path, ok = strings.CutSuffix(line, " HTTP/1.1")
	if !ok || !plainPath(hd.path) {
		return hd, false
	}
	// One array for all the values: the fields of a request are few.
	values := make([]string, 0, 16)
	for {
		line, rest, _ = strings.Cut(rest, "\r\n")
		if line == "" {
			return hd, hd.host != "" && hd.length > 0
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !all(name, isName) || name == "" {
			return hd, false
		}
		value = strings.Trim(value, " \t")
		if !all(value, isValue) {
			return hd, false
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		if !hd.field(key, value) {
			return hd, false
		}
		if key == "Host" {
			continue // net/http keeps it in Request.Host only
		}
		if old, again := h[key]; again {
			h[key] = append(old, value)
			continue
		}
		values = append(values, value)
		h[key] = values[len(values)-1 : len(values) : len(values)]
	}
}

// field looks at the fields that mean something to HTTP itself.
func (hd *head) field(key, value string) bool {
	switch key {
	case "Host":
		if hd.host != "" || value == "" || !all(value, isHost) {
			return false
		}
		hd.host = value
	case "Content-Length":
		if hd.length != 0 {
			return false
		}
		hd.length = length(value)
		return hd.length > 0
	case "Connection":
		return strings.EqualFold(value, "keep-alive")
	case "Transfer-Encoding", "Expect", "Upgrade", "Trailer", "Te", "Pragma", "Keep-Alive", "Proxy-Connection":
		return false
	}
	return true
}

// length is a Content-Length of up to 12 digits, or 0.
func length(value string) int64 {
	if len(value) > 12 {
		return 0
	}
	var n int64
	for i := range len(value) {
		d := value[i] - '0'
		if d > 9 {
			return 0
		}
		n = 10*n + int64(d)
	}
	return n
}

// plainPath: one that stands for itself, without escapes and without a query.
func plainPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && all(path, isPath)
}

// The classes of bytes, as bits of a table.
const (
	isName  = 1 << iota // of a field: letters, digits, hyphen
	isValue             // of a field: printable ASCII, blank, tab
	isHost              // letters, digits, and .:-_[]
	isPath              // letters, digits, and /-._~
)

var classes = func() (table [256]uint8) {
	set := func(class uint8, chars string) {
		for _, c := range []byte(chars) {
			table[c] |= class
		}
	}
	const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	set(isName, alphanumeric+"-")
	set(isHost, alphanumeric+".:-_[]")
	set(isPath, alphanumeric+"/-._~")
	for c := byte(' '); c <= '~'; c++ {
		table[c] |= isValue
	}
	table['\t'] |= isValue
	return table
}()

// all reports whether every byte of s is of a class.
func all(s string, class uint8) bool {
	for i := range len(s) {
		if classes[s[i]]&class == 0 {
			return false
		}
	}
	return true
}
