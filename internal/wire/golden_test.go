package wire

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the goldens in testdata")

// TestGoldens runs the files in testdata. A case is a line "command argument", its input, a line of four dashes and its
// output; an empty line ends it, a # begins a comment before it. The commands are the cases of runGolden.
func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runFile(t, file) })
	}
}

func runFile(t *testing.T, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for block := range strings.SplitSeq(strings.TrimSpace(string(content)), "\n\n") {
		head, want, found := strings.Cut(block, "\n----\n")
		if !found {
			t.Fatalf("%s: a case without ----:\n%s", file, block)
		}
		lines := strings.Split(head, "\n")
		comments := 0
		for strings.HasPrefix(lines[comments], "#") {
			comments++
		}
		command, argument, _ := strings.Cut(lines[comments], " ")
		got := runGolden(t, command, argument, strings.Join(lines[comments+1:], "\n"))
		if got != want && !*rewrite {
			t.Errorf("%s\ngot:\n%s", block, got)
		}
		out = append(out, head+"\n----\n"+got)
	}
	if *rewrite {
		if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func runGolden(t *testing.T, command, argument, input string) string {
	t.Helper()
	a := action{}
	if command != "error" && command != "json-error" && command != "xml-error" {
		a = actionNamed(t, argument)
	}
	switch command {
	case "request": // what a JSON request decodes to, and how the client writes it in both protocols
		in := a.newIn()
		if err := DecodeJSON([]byte(input), in); err != nil {
			return describe(err)
		}
		return dump(in) + "\njson:  " + string(AppendJSON(nil, in)) + "\nquery: " + string(AppendQuery(nil, a.name, in))
	case "answer": // an answer, given as JSON, in both protocols
		out := a.newOut()
		if err := DecodeJSON([]byte(input), out); err != nil {
			return describe(err)
		}
		return "json: " + string(AppendJSON(nil, out)) + "\nxml:  " + string(AppendXML(nil, a.name, out, "ID"))
	case "json": // what JSON decodes to
		in := a.newIn()
		if err := DecodeJSON([]byte(input), in); err != nil {
			return describe(err)
		}
		return dump(in)
	case "query": // what parameters decode to; each line is added on its own, as URL and body are
		in := a.newIn()
		var p Params
		for line := range strings.SplitSeq(input, "\n") {
			if err := p.Add(line); err != nil {
				return describe(err)
			}
		}
		if err := DecodeQuery(&p, in); err != nil {
			return describe(err)
		}
		return dump(in)
	case "xml": // what an XML answer decodes to
		out := a.newOut()
		id, err := DecodeXML([]byte(input), out)
		if err != nil {
			return err.Error()
		}
		return "request id " + id + "\n" + dump(out)
	case "error":
		return goldenError(t, argument, input)
	case "json-error": // argument is the header
		f, err := DecodeJSONError([]byte(input), argument)
		return fmt.Sprintf("%+v\n%v", f, err)
	case "xml-error":
		f, err := DecodeXMLError([]byte(input))
		return fmt.Sprintf("%+v\n%v", f, err)
	}
	t.Fatalf("no command %q", command)
	return ""
}

// describe prints an error as its sender sees it, and proves that it can be sent.
func describe(err error) string {
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		return "NOT AN *api.Error: " + err.Error()
	}
	return e.Kind.Name() + ": " + e.Message(api.JSON)
}

func goldenError(t *testing.T, name, argument string) string {
	t.Helper()
	kinds := map[string]*api.Kind{
		"QueueDoesNotExist": api.QueueDoesNotExist, "ReceiptHandleIsInvalid": api.ReceiptHandleIsInvalid,
		"InternalError": api.InternalError,
	}
	e := kinds[name].New()
	if argument != "" {
		e = kinds[name].New(argument)
	}
	return "json: " + string(AppendJSONError(nil, e)) + "\nxml:  " + string(AppendXMLError(nil, e, "ID"))
}
