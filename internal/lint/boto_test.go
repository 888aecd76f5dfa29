package lint

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

const botoPage = "docs/boto.md"

// notBuilt are the symbols whose rows may say "not built yet", by class and member; a row for a parameter counts as its
// member's, and .* stands for the members of a class. Who builds one takes it out of here.
var notBuilt = []string{}

// unmapped compares the rows of docs/boto.md with the signatures of boto.sqs and with the names of our packages.
func unmapped(symbols []botoSymbol, rows []botoRow, names *goNames, notBuilt []string) (ps []problem) {
	rowOf := map[string]*botoRow{}
	for i := range rows {
		r := &rows[i]
		for _, key := range r.keys {
			full := r.class + ": " + key
			if other := rowOf[full]; other != nil {
				ps = append(ps, problemf("%s:%d: %s has a row already, in line %d", botoPage, r.line, key, other.line))
			}
			rowOf[full] = r
		}
		for _, p := range r.wrongNames(names) {
			ps = append(ps, problemf("%s:%d: %s", botoPage, r.line, p))
		}
	}
	pending := map[string]bool{} // entries of notBuilt that a row needs
	for _, s := range symbols {
		r := rowOf[s.full()]
		if r == nil {
			ps = append(ps, problemf("%s: no row for %s under %s", botoPage, s.key(), s.class))
			continue
		}
		delete(rowOf, s.full())
		if !r.notBuilt() {
			continue
		}
		i := slices.IndexFunc(notBuilt, func(entry string) bool { return entry == s.owner() || entry == s.class+".*" && s.owner() != s.class })
		if i >= 0 {
			pending[notBuilt[i]] = true
		} else {
			ps = append(ps, problemf("%s:%d: %s is not known as not built", botoPage, r.line, s.owner()))
		}
	}
	for full, r := range rowOf {
		ps = append(ps, problemf("%s:%d: boto.sqs has no %s", botoPage, r.line, full))
	}
	for _, name := range notBuilt {
		if !pending[name] {
			ps = append(ps, problemf("notBuilt: no row says so of %s any more: take it out", name))
		}
	}
	return ps
}

func TestBoto_has_a_row_for_each_symbol_and_parameter(t *testing.T) {
	signatures, err := os.ReadFile("testdata/boto-sqs.txt")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(repository(), botoPage)
	if err != nil {
		t.Fatal(err)
	}
	symbols, names := botoSymbols(string(signatures)), exported(t)
	// 117 symbols with 186 parameters, and 48 values and parts of parameters that their texts give.
	if len(symbols) != 117+186+48 {
		t.Fatalf("the signatures were read as %d symbols and parameters", len(symbols))
	}
	report(t, unmapped(symbols, botoRows(string(text)), names, notBuilt))
}

func TestBoto_problems_are_found(t *testing.T) {
	symbols := botoSymbols("# comment\n\nmodule boto.sqs\nregions()\n\n" +
		"class boto.sqs.q.Queue(url=None)\nid\nread(vt=None, sep='\\n, ')\n@ vt: a, b\ndump(**kw)\ndone()\n")
	table := func(rows ...string) []botoRow { return botoRows(strings.Join(rows, "\n") + "\n") }
	complete := []string{
		"# Title", "| boto | Go | D |", "|---|---|---|",
		"## `boto.sqs`", "| `regions` | none: nothing to have | |",
		"## `boto.sqs.q.Queue`", "| boto | Go | D |", "|---|---|---|",
		"| `Queue`, `Queue(url)` | `Queue`, `Connection.QueueFromURL(queueURL)` | `x` |",
		"| `id` | `QueueOf.ID` of `aws.Config.Region` | |",
		"| `read`, `read(vt)` | `ReadOptions.Visibility`, `WithVisibility` | |", "| `read(sep)` | none: why | |",
		"| `read(vt: a)`, `read(vt: b)` | `MessageAttribute.String` | |",
		"| `dump` | not built yet | |", "| `dump(kw)` | not built yet | |", "| `done` | `ErrNoMessage` | |",
	}
	names, pending := exported(t), []string{"boto.sqs.q.Queue.dump"}
	report(t, unmapped(symbols, table(complete...), names, pending))

	change := func(from, to string) []botoRow {
		text := strings.Join(complete, "\n") + "\n"
		if strings.Count(text, from) != 1 {
			t.Fatalf("%q is not there once", from)
		}
		return botoRows(strings.Replace(text, from, to, 1))
	}
	for _, test := range []struct{ from, to, want string }{
		{"| `regions` | none: nothing to have | |\n", "", "docs/boto.md: no row for regions under boto.sqs"},
		{", `Queue(url)`", "", "docs/boto.md: no row for Queue(url) under boto.sqs.q.Queue"},
		{"| `read(sep)` | none: why | |\n", "", "docs/boto.md: no row for read(sep)"},
		{", `read(vt: b)`", "", "docs/boto.md: no row for read(vt: b)"},
		{"| `done` ", "| `done`, `more` ", "docs/boto.md:16: boto.sqs has no boto.sqs.q.Queue: more"},
		{"| `done` ", "| `done`, `id` ", "docs/boto.md:16: id has a row already, in line 10"},
		{"`QueueOf.ID`", "`QueueOf.Id`", "docs/boto.md:10: there is no QueueOf.Id"},
		{"| `Queue`, `Connection", "| `Kueue`, `Connection", "docs/boto.md:9: there is no Kueue"},
		{"(queueURL)", "(url)", "docs/boto.md:9: Connection.QueueFromURL has no parameter url"},
		{"`ReadOptions.Visibility`", "`ReadOptions.visibility`", "docs/boto.md:11: there is no ReadOptions.visibility"},
		{"`aws.Config.Region`", "`aws.Config.Area`", "docs/boto.md:10: there is no aws.Config.Area"},
		{"`aws.Config.Region`", "`gone.Config`", "docs/boto.md:10: there is no gone.Config"},
		{"`ErrNoMessage`", "", "docs/boto.md:16: neither a Go name nor"},
		{"none: why", "none:", "docs/boto.md:12: none, without a reason"},
		{"`ErrNoMessage`", "not built yet", "docs/boto.md:16: boto.sqs.q.Queue.done is not known as not built"},
	} {
		expect(t, unmapped(symbols, change(test.from, test.to), names, pending), test.want)
	}
	built := botoRows(strings.ReplaceAll(strings.Join(complete, "\n")+"\n", "not built yet", "`ErrNoMessage`"))
	expect(t, unmapped(symbols, built, names, pending), "notBuilt: no row says so of boto.sqs.q.Queue.dump any more")
	early := change("| `dump(kw)` | not built yet |", "| `dump(kw)` | not built yet: `QueueOf.Purge` |")
	expect(t, unmapped(symbols, early, names, pending), "docs/boto.md:15: QueueOf.Purge is built")
}
