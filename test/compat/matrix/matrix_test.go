package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

var some = []harness.Record{
	{Client: "one", Version: "1.2", Calls: []harness.Call{{Action: "SendMessage", Protocol: "json"}, {Action: "SendMessage", Protocol: "query"}}},
	{Client: "two", Version: "3", Calls: []harness.Call{{Action: "ListQueues", Protocol: "query"}, {Action: "SendMessage", Protocol: "json"}}},
}

func TestRender(t *testing.T) {
	got := render(some)
	for _, want := range []string{
		"| 1 | one | 1.2 | 1 of 23 |\n", "| 2 | two | 3 | 2 of 23 |\n", "| action | 1 | 2 |\n", "| SendMessage | J Q | J |\n", "| ListQueues | - | Q |\n",
		"| PurgeQueue | - | - |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant it to contain %q", got, want)
		}
	}
}

func TestReplace(t *testing.T) {
	const page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
	got, err := replace(page, "x", "new\n")
	if want := "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := replace(page, "y", "new\n"); err == nil {
		t.Error("a page without the marks was taken")
	}
}

// A suite that did not run must not pass for one that ran, nor one that nobody lists.
func TestReadWantsARecordOfEachClientAndNoOther(t *testing.T) {
	dir := t.TempDir()
	put := func(client string) {
		t.Helper()
		text := `{"client":"` + client + `","version":"1","calls":[{"action":"SendMessage","protocol":"json"}]}`
		if err := os.WriteFile(filepath.Join(dir, client+".json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("one")
	if _, err := read(dir, []string{"one", "two"}); err == nil {
		t.Error("a missing record was not noticed")
	}
	put("two")
	records, err := read(dir, []string{"two", "one"})
	if err != nil || len(records) != 2 || records[0].Client != "two" {
		t.Errorf("got %v, %v, want the records of two and one", records, err)
	}
	if _, err := read(dir, []string{"one"}); err == nil {
		t.Error("a record of a client that is not listed was not noticed")
	}
}
