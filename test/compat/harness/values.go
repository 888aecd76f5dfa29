package harness

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

var (
	serial   atomic.Int64
	notAName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)
)

// QueueName makes a name that no other test uses: of the test, the process and a counter.
func QueueName(t testing.TB) string {
	name := notAName.ReplaceAllString(t.Name(), "-")
	if len(name) > 50 {
		name = name[:50]
	}
	return fmt.Sprintf("%s-%d-%d", name, os.Getpid(), serial.Add(1))
}

// HostileBodies are bodies that some part of a client, a proxy or a server has been known to change: line ends that
// XML parsers normalise, characters that need escapes in XML, JSON or forms, and the edges of what SQS allows.
var HostileBodies = map[string]string{
	"plain":            "hello",
	"one byte":         "x",
	"space around":     "  lead and trail  ",
	"only spaces":      "   ",
	"carriage return":  "a\rb\r",
	"crlf":             "a\r\nb\r\n",
	"newlines":         "\na\n\nb\n",
	"tabs":             "\ta\t",
	"xml":              `<a b="c">d</a> & 'e' &amp; &quot; &#13; ]]> <![CDATA[ <!--`,
	"quoted entity":    `"&quot;`,
	"json":             `{"a": "\u0000 \n", "b": [1, null]}`,
	"form":             "a=b&c=d%20e+f;g?#",
	"percent":          "100% %41 %zz %",
	"plus and space":   "1 + 1 = 2",
	"backslash":        `\ \\ \u0041 \n`,
	"accents":          "café naïve ø ß ä",
	"snowman":          "☃",
	"emoji":            "😀 👩‍👩‍👧 🇧🇷",
	"right to left":    "שלום \u202eabc",
	"line separators":  "a\u2028b\u2029c\u0085d",
	"byte order mark":  "\ufeffabc",
	"replacement":      "\ufffd\ufffd\ufffd\ufffd",
	"edges":            "\ud7ff\ue000\ufffd\U00010000\U0010ffff",
	"delete":           "a\u007fb",
	"combining":        "e\u0301 \u00e9",
	"base64 lookalike": "AAECAwQF",
	"script":           "</script><script>alert(1)</script>",
	"no-break spaces":  "\u00a0a\u00a0\u3000",
}

// ForbiddenBodies are refused by SQS with InvalidMessageContents: code points that XML 1.0 cannot carry.
var ForbiddenBodies = map[string]string{
	"nul":       "a\x00b",
	"backspace": "a\x08b",
	"escape":    "a\x1bb",
	"U+FFFE":    "a\ufffeb",
	"U+FFFF":    "a\uffffb",
}

// BodyMD5 is the digest that SQS answers for a body.
func BodyMD5(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

// Attribute is a message attribute, as the digest sees it. Binary is used if Type starts with Binary.
type Attribute struct {
	Name, Type, Text string
	Binary           []byte
}

// AttributesMD5 is the digest that SQS answers for message attributes. It is written from AWS's documentation and
// shares nothing with the server, which it checks.
func AttributesMD5(attributes ...Attribute) string {
	attributes = slices.Clone(attributes)
	slices.SortFunc(attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	sum := md5.New()
	put := func(p []byte) {
		sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(p))))
		sum.Write(p)
	}
	for _, a := range attributes {
		put([]byte(a.Name))
		put([]byte(a.Type))
		if strings.HasPrefix(a.Type, "Binary") {
			sum.Write([]byte{2})
			put(a.Binary)
			continue
		}
		sum.Write([]byte{1})
		put([]byte(a.Text))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
