package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

const (
	reference = "../../docs/cli.md"
	common    = "Common flags"
)

var (
	commandHeading = regexp.MustCompile("^`bufeo ([a-z ]+)`$")
	flagRow        = regexp.MustCompile("(?m)^\\| (?:`-[a-z]`, )?`--([a-z-]+)")
)

// discrepancies compares the reference with the commands: each has a section, and each section a row for every flag but
// the common ones, which have a section of their own, and those of serve, whose table is docs/configuration.md.
func discrepancies(text string) (ps []string) {
	sections := map[string]string{}
	for s := range strings.SplitSeq("\n"+text, "\n## ") {
		title, body, _ := strings.Cut(s, "\n")
		sections[title] = body
	}
	p := shell{}.process(nil, nil)
	shared := pflag.NewFlagSet("", pflag.ContinueOnError)
	p.addTarget(shared)
	ps = append(ps, different(common, sections[common], flagsIn(shared))...)

	known := map[string]bool{}
	for c := range commands(newRoot(p)) {
		path := strings.TrimPrefix(c.CommandPath(), "bufeo ")
		if !c.HasParent() || path == "help" {
			continue
		}
		known[path] = true
		body, ok := sections["`bufeo "+path+"`"]
		switch {
		case !ok:
			ps = append(ps, "no section on bufeo "+path)
		case path == "serve":
		default:
			own := slices.DeleteFunc(flagsIn(c.Flags()), func(n string) bool { return n == "help" || shared.Lookup(n) != nil })
			ps = append(ps, different("bufeo "+path, body, own)...)
		}
	}
	for title := range sections {
		if m := commandHeading.FindStringSubmatch(title); m != nil && !known[m[1]] {
			ps = append(ps, "a section on bufeo "+m[1]+", which does not exist")
		}
	}
	slices.Sort(ps)
	return ps
}

func flagsIn(flags *pflag.FlagSet) (names []string) {
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// different compares the rows of a section with the flags that there are.
func different(where, section string, flags []string) (ps []string) {
	var rows []string
	for _, m := range flagRow.FindAllStringSubmatch(section, -1) {
		rows = append(rows, m[1])
	}
	for _, f := range flags {
		if !slices.Contains(rows, f) {
			ps = append(ps, fmt.Sprintf("%s: no row for --%s", where, f))
		}
	}
	for _, r := range rows {
		if !slices.Contains(flags, r) {
			ps = append(ps, fmt.Sprintf("%s: a row for --%s, which does not exist", where, r))
		}
	}
	return ps
}

func TestReference_has_all_commands_and_flags(t *testing.T) {
	file, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	text := string(file)
	for _, p := range discrepancies(text) {
		t.Errorf("docs/cli.md: %s", p)
	}
	wrong := strings.NewReplacer("## `bufeo queue set`", "## `bufeo queue sets`", "| `--counts`", "| `--count`", "| `--aws`", "| `-a`").Replace(text)
	want := []string{
		"Common flags: no row for --aws", "a section on bufeo queue sets, which does not exist",
		"bufeo queue list: a row for --count, which does not exist", "bufeo queue list: no row for --counts", "no section on bufeo queue set",
	}
	if got := discrepancies(wrong); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
