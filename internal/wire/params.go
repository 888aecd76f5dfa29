package wire

import (
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// maxParams bounds the parameters of a request. A full SendMessageBatch with ten attributes for each message and the
// list values that SQS refuses has a few thousand.
const maxParams = 10_000

// Params are the parameters of a Query request: those of the URL together with those of the form in its body. The zero
// value is empty. It is not safe for concurrent use.
type Params struct {
	list   []param
	sorted bool // by name; parameters of one name keep the order in which they came
}

type param struct {
	name, value string
	fresh       bool // value was unescaped, so it does not share memory with the request
}

// Add parses one string of the form application/x-www-form-urlencoded: the query of the URL, or a body. Repeated names
// are kept; the last one counts. A bad escape, and more than 10,000 parameters in all, are api.MalformedInput.
func (p *Params) Add(encoded string) error {
	if encoded == "" {
		return nil
	}
	p.sorted = false
	p.list = slices.Grow(p.list, min(strings.Count(encoded, "&")+1, maxParams))
	for more := true; more; {
		var pair string
		pair, encoded, more = strings.Cut(encoded, "&")
		if pair == "" {
			continue
		}
		if len(p.list) == maxParams {
			return api.MalformedInput.New("it has more than 10000 parameters")
		}
		name, value, _ := strings.Cut(pair, "=")
		name, _, err := unescape(name)
		if err != nil {
			return err
		}
		value, fresh, err := unescape(value)
		if err != nil {
			return err
		}
		p.list = append(p.list, param{name, value, fresh})
	}
	return nil
}

// Get returns the value of the last parameter called name, or "".
func (p *Params) Get(name string) string {
	value, _ := p.Lookup(name)
	return value
}

// Lookup returns the value of the last parameter called name, and whether there is one.
func (p *Params) Lookup(name string) (string, bool) {
	for i := len(p.list) - 1; i >= 0; i-- {
		if p.list[i].name == name {
			return p.list[i].value, true
		}
	}
	return "", false
}

// sort puts the parameters in the order of their names, bytewise: all that begin alike then stand together. Clients of
// AWS send them so already.
func (p *Params) sort() {
	if p.sorted {
		return
	}
	byName := func(a, b param) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(p.list, byName) {
		slices.SortStableFunc(p.list, byName)
	}
	p.sorted = true
}

// unescape decodes one name or value. It returns s itself, and false, if there is nothing to decode. It goes byte by
// byte: searching for the next escape made a SendMessage with a JSON body, where they are dense, 60% slower.
func unescape(s string) (string, bool, error) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, false, nil
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			var ok bool
			if c, ok = unhex(s[i+1:]); !ok {
				return "", false, api.MalformedInput.New("a percent sign is not followed by two hexadecimal digits")
			}
			i += 2
		}
		b.WriteByte(c)
	}
	return b.String(), true, nil
}

// unhex decodes the two hexadecimal digits that s should begin with.
func unhex(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	high, low := hexDigit(s[0]), hexDigit(s[1])
	return high<<4 | low, high < 16 && low < 16
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}
