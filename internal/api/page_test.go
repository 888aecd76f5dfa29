package api

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite docs/errors.md")

const errorsPage = "../../docs/errors.md"

const pageHead = `# Errors

What a bufeo server refuses a request with, by name. The names are AWS's; the server's answers carry them as follows:

- in AWS JSON 1.0 as ` + "`__type`" + `, with a namespace before it, and the code in the header ` + "`x-amzn-query-error`" + `;
- in the Query protocol as ` + "`Code`" + ` of the XML document;
- in the entries of a batch as the code, in both protocols.

Clients show one or the other: botocore the code, other SDKs a type of the name. In Go, package ` + "`sqs`" + ` of this repository has a
constant for each name, for ` + "`errors.Is`" + `. The HTTP status is the same in both protocols. A status below 500 means that the request
is at fault (` + "`Sender`" + `) and will fail again; after 500 or 503 (` + "`Receiver`" + `) SDKs try again by themselves.

In the texts, … stands for what varies. A tick means that AWS was recorded saying exactly that; the others are taken from
emulators, or are bufeo's own where nobody has told what AWS says. Programs should look at names and codes, not at texts.

This page is made from the server's catalogue: ` + "`go test ./internal/api -run Page -rewrite`" + `.
`

// TestErrorsPage compares docs/errors.md with the catalogue, or rewrites it.
func TestErrorsPage(t *testing.T) {
	want := page(recordedTexts(t))
	if *rewrite {
		if err := os.WriteFile(errorsPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(errorsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/errors.md is behind the catalogue: go test ./internal/api -run Page -rewrite")
	}
}

// page is docs/errors.md: a table of the names, the texts of each, and the names that are never answered.
func page(recorded func(*Kind, string) bool) string {
	kinds := slices.Clone(Catalogue)
	slices.SortStableFunc(kinds, func(a, b *Kind) int { return cmp.Compare(a.Name(), b.Name()) })
	var table, texts, unanswered strings.Builder
	previous := &Kind{}
	for _, k := range kinds {
		line := fmt.Sprintf("| `%s` | `%s` | `%s` | %d |\n", k.Name(), k.QueryCode, strings.TrimSuffix(k.Shape, "#"+k.Name()), k.Status)
		switch {
		case k.Unused:
			unanswered.WriteString(line)
			continue
		case k.Name() != previous.Name():
			table.WriteString(line)
			fmt.Fprintf(&texts, "\n### %s\n\n| text | AWS's |\n|---|---|\n", k.Name())
		}
		previous = k
		for i, format := range []string{k.Format, k.QueryFormat} {
			if format != "" {
				fmt.Fprintf(&texts, "| %s%s | %s |\n", [...]string{"", "in Query: "}[i], legible(format), tick(recorded(k, format)))
			}
		}
	}
	const head = "| name | code | namespace | status |\n|---|---|---|---|\n"
	return pageHead + "\n## Names\n\n" + head + table.String() +
		"\n## Texts\n" + texts.String() +
		"\n## Never answered\n\nAWS's model has these, too. bufeo has no occasion for them: there are no keys that could be missing and no rates that could be\n" +
		"exceeded, and SQS itself has not been seen to answer with `MessageNotInflight` or `InvalidIdFormat`.\n\n" + head + unanswered.String()
}

// legible is a text with its variable parts marked, in a cell of a table.
func legible(format string) string {
	if format == "%s" {
		return "what is wrong, and what helps"
	}
	return "`" + strings.ReplaceAll(verb.ReplaceAllString(format, "…"), "|", `\|`) + "`"
}

func tick(recorded bool) string {
	if recorded {
		return "✓"
	}
	return ""
}
