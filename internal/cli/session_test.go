package cli

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqstest"
)

// TestSession runs the command lines of testdata/session.txt one after the other against one server. The form is that of
// screens.txt; before a command there can be what is on its stdin, in Go's quotes, and "|". It fixes the names and forms
// of what is printed. Values that are new each time are numbered: <handle 1> is the same wherever it stands, and can be
// an argument.
func TestSession(t *testing.T) {
	const golden = "testdata/session.txt"
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{sh: at(sqstest.New(t)), known: map[string]string{}, count: map[string]int{}}
	s.base = strings.TrimPrefix(s.sh.environ[0], "BUFEO_ENDPOINT_URL=")
	var now strings.Builder
	for c := range strings.SplitSeq(strings.TrimSuffix(string(file), "====\n"), "====\n") {
		line, want, _ := strings.Cut(c, "----\n")
		got := s.screen(t, strings.TrimSpace(line))
		now.WriteString(line + "----\n" + got + "====\n")
		if got != want && !*rewrite {
			t.Errorf("%sgot:\n%swant:\n%s(-rewrite takes what is got)", line, got, want)
		}
	}
	if *rewrite {
		if err := os.WriteFile(golden, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type session struct {
	sh    shell
	base  string
	known map[string]string // by value
	count map[string]int    // of them, by kind
}

// screen runs a command line and shows what comes of it.
func (s *session) screen(t *testing.T, line string) string {
	t.Helper()
	sh := s.sh
	if before, after, ok := strings.Cut(line, "| bufeo "); ok && strings.HasPrefix(line, `"`) {
		stdin, err := strconv.Unquote(strings.TrimSpace(before))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		sh.stdin, line = stdin, "bufeo "+after
	}
	line = strings.ReplaceAll(line, "<endpoint>", s.base)
	for value, name := range s.known {
		line = strings.ReplaceAll(line, name, value)
	}
	r := sh.run(words(line)[1:]...)
	out := fmt.Sprintf("exit %d\n", r.code)
	if r.stdout != "" {
		out += "stdout:\n" + s.steady(r.stdout)
	}
	if r.stderr != "" {
		out += "stderr:\n" + s.steady(r.stderr)
	}
	return out
}

var word = regexp.MustCompile(`'[^']*'|\S+`)

// words splits a command line at spaces, but not within single quotes.
func words(line string) (args []string) {
	for _, w := range word.FindAllString(line, -1) {
		args = append(args, strings.Trim(w, "'"))
	}
	return args
}

// new each time: ids and receipt handles, instants, sequence numbers.
var fresh = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|AQEB[A-Za-z0-9+/_-]{56,}=*|\b[0-9]{20}\b|\b1[0-9]{9}(?:[0-9]{3})?\b|\b20[0-9-]{8}T[0-9:]{8}Z`)

func (s *session) steady(text string) string {
	text = strings.ReplaceAll(text, s.base, "<endpoint>")
	return fresh.ReplaceAllStringFunc(text, func(v string) string {
		switch {
		case len(v) == 10 || len(v) == 13 || len(v) == 20 && strings.HasSuffix(v, "Z"):
			return "<time>"
		case len(v) == 20:
			return "<sequence number>"
		}
		if s.known[v] == "" {
			kind := "id"
			if len(v) > 36 {
				kind = "handle"
			}
			s.count[kind]++
			s.known[v] = fmt.Sprintf("<%s %d>", kind, s.count[kind])
		}
		return s.known[v]
	})
}
