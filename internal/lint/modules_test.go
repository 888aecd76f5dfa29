package lint

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goMod is what `go mod edit -json` says of go.mod.
type goMod struct {
	Module  struct{ Path string }
	Go      string
	Require []struct {
		Path     string
		Indirect bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

func rootModule(t *testing.T) *goMod { return readModule(t, ".") }

func readModule(t *testing.T, dir string) *goMod {
	t.Helper()
	// Read here, too, so that the test cache knows that the outcome depends on it.
	if _, err := fs.ReadFile(repository(), path.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = path.Join(root, dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	m := &goMod{}
	if err := json.Unmarshal(out, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// replaced: `go install …@latest` refuses a module that replaces others, and whoever imports ours gets the originals.
func replaced(m *goMod) (ps []problem) {
	for _, r := range m.Replace {
		ps = append(ps, problemf("go.mod replaces %s by %s: who imports this module does not", r.Old.Path, r.New.Path))
	}
	return ps
}

// foreign are the modules of things that only tests and tools need (clients to test against, brokers to compare with,
// browsers), or only some users of the client library. They stand in modules of their own, below test/ or in satellites,
// since all users of the client library would download them.
var foreign = []string{
	"github.com/aws/aws-sdk-go", "github.com/aws/aws-sdk-go-v2/service/sqs", "github.com/aws/aws-sdk-go-v2/config",
	"github.com/stretchr/testify", "github.com/google/go-cmp", "github.com/onsi", "go.uber.org/mock", "github.com/chromedp",
	"github.com/playwright-community", "github.com/testcontainers", "go.opentelemetry.io",
}

func testOnly(m *goMod) (ps []problem) {
	for _, r := range m.Require {
		if below(r.Path, foreign) {
			ps = append(ps, problemf("go.mod requires %s: give what needs it a module of its own", r.Path))
		}
	}
	return ps
}

// chosen returns the modules that packages of ours import, tests included: those somebody decided for.
func chosen(g graph) []string {
	set := map[string]bool{}
	for _, p := range g {
		if !p.own() {
			continue
		}
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if q := g[i]; q != nil && q.Module != nil && !q.own() {
				set[q.Module.Path] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// direct: go.mod tells at a glance what was decided for and what came along.
func direct(m *goMod, chosen []string) (ps []problem) {
	for _, r := range m.Require {
		switch is := slices.Contains(chosen, r.Path); {
		case is && r.Indirect:
			ps = append(ps, problemf("go.mod calls %s indirect, and our packages import it: go mod tidy", r.Path))
		case !is && !r.Indirect:
			ps = append(ps, problemf("go.mod requires %s, and none of our packages imports it: go mod tidy", r.Path))
		}
	}
	return ps
}

const decisions = "docs/design/0001-dependencies.md"

var moduleCell = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// undecided: a dependency is a decision, and a decision has a reason that can be read later.
func undecided(tree fs.FS, chosen []string) (ps []problem) {
	text, err := fs.ReadFile(tree, decisions)
	if err != nil {
		return []problem{problemf("%v", err)}
	}
	var written []string
	for _, m := range moduleCell.FindAllStringSubmatch(string(text), -1) {
		written = append(written, m[1])
	}
	for _, c := range chosen {
		if !slices.Contains(written, c) {
			ps = append(ps, problemf("%s: no line about %s", decisions, c))
		}
	}
	for _, w := range written {
		if !slices.Contains(chosen, w) {
			ps = append(ps, problemf("%s: has a line about %s, which nothing imports", decisions, w))
		}
	}
	return ps
}

func TestRoot_module(t *testing.T) {
	m := rootModule(t)
	if m.Module.Path != module {
		t.Errorf("the module is %s, want %s", m.Module.Path, module)
	}
	var all []string
	for _, platform := range platforms {
		all = append(all, chosen(packages(t, platform))...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	report(t, replaced(m))
	report(t, testOnly(m))
	report(t, direct(m, all))
	for _, dir := range satellites {
		all = append(all, chosen(satellite(t, dir))...)
	}
	slices.Sort(all)
	report(t, undecided(repository(), slices.Compact(all)))
}

func TestRoot_module_violations(t *testing.T) {
	bad := &goMod{}
	err := json.Unmarshal([]byte(`{
		"Require": [
			{"Path": "github.com/aws/aws-sdk-go-v2/service/sqs"},
			{"Path": "example.org/used", "Indirect": true},
			{"Path": "example.org/along", "Indirect": true}
		],
		"Replace": [{"Old": {"Path": "example.org/used"}, "New": {"Path": "../used"}}]
	}`), bad)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, replaced(bad), "go.mod replaces example.org/used")
	expect(t, testOnly(bad), "go.mod requires github.com/aws/aws-sdk-go-v2/service/sqs: give")
	expect(t, direct(bad, []string{"example.org/used"}), "go.mod calls example.org/used indirect",
		"go.mod requires github.com/aws/aws-sdk-go-v2/service/sqs, and none")

	g := network("sqs: example.org/a/used", "internal/cli: fmt")
	g[module+"/internal/cli"].TestImports = []string{"example.org/a/used"}
	if got := chosen(g); !slices.Equal(got, []string{"example.org/a/used"}) {
		t.Errorf("chosen: got %v", got)
	}
	tree := files(map[string]string{decisions: "| module | why |\n|---|---|\n| `example.org/gone` | because |\n"})
	expect(t, undecided(tree, []string{"example.org/used"}), decisions+": no line about example.org/used",
		decisions+": has a line about example.org/gone")
}

// nested: what stands below test/ are programs and tests around bufeo, not parts of it.
func nested(tree fs.FS) (ps []problem) {
	modules := map[string]bool{}
	var goDirs []string
	err := walk(tree, func(name string) {
		switch {
		case path.Base(name) == "go.mod":
			modules[path.Dir(name)] = true
		case path.Ext(name) == ".go" && strings.HasPrefix(name, "test/"):
			goDirs = append(goDirs, path.Dir(name))
		}
	})
	if err != nil {
		return []problem{problemf("%v", err)}
	}
	for _, dir := range slices.Compact(goDirs) {
		in := dir
		for in != "." && !modules[in] {
			in = path.Dir(in)
		}
		if in == "." {
			ps = append(ps, problemf("%s belongs to the root module: give test/%s a go.mod", dir, strings.Split(dir, "/")[1]))
		}
	}
	return ps
}

func TestTest_programs_are_modules_of_their_own(t *testing.T) {
	report(t, nested(repository()))
	expect(t, nested(files(map[string]string{
		"go.mod": "", "test/bench/go.mod": "", "test/bench/depth/a.go": "", "test/crash/a.go": "",
	})), "test/crash belongs to the root module")
}

// Licences by words that no other licence has.
var (
	permissive = map[string]string{
		"MIT":        "Permission is hereby granted, free of charge, to any person obtaining a copy",
		"ISC":        "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted",
		"BSD":        "Redistribution and use in source and binary forms, with or without modification, are permitted",
		"Apache-2.0": "Apache License Version 2.0, January 2004",
	}
	binding = map[string]string{
		"GPL":             "GNU GENERAL PUBLIC LICENSE",
		"LGPL":            "GNU LESSER GENERAL PUBLIC LICENSE",
		"AGPL":            "GNU AFFERO GENERAL PUBLIC LICENSE",
		"MPL":             "Mozilla Public License",
		"EPL":             "Eclipse Public License",
		"CDDL":            "COMMON DEVELOPMENT AND DISTRIBUTION LICENSE",
		"BUSL":            "Business Source License",
		"SSPL":            "Server Side Public License",
		"Elastic":         "Elastic License",
		"Commons Clause":  "Commons Clause",
		"CockroachDB":     "CockroachDB Community License",
		"CC ShareAlike":   "ShareAlike",
		"CC NonCommerial": "NonCommercial",
	}
)

// licence classifies a text. ok is for those that let anybody do anything but drop the notice.
func licence(text string) (name string, ok bool) {
	flat := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, name := range slices.Sorted(maps.Keys(binding)) {
		if strings.Contains(flat, strings.ToLower(binding[name])) {
			return name, false
		}
	}
	for _, name := range slices.Sorted(maps.Keys(permissive)) {
		if strings.Contains(flat, strings.ToLower(permissive[name])) {
			return name, true
		}
	}
	return "unknown", false
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)

// unlicensed looks at the folder of a module that is linked into the binary: bufeo is Apache-2.0, and what it brings
// along must not bind its users to more. Every licence text in the folder counts.
func unlicensed(module string, dir fs.FS) (ps []problem) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return []problem{problemf("%s: %v", module, err)}
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		found = true
		text, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			return append(ps, problemf("%s: %v", module, err))
		}
		if name, ok := licence(string(text)); !ok {
			ps = append(ps, problemf("%s: the licence in %s is %s, want MIT, BSD, ISC or Apache-2.0", module, e.Name(), name))
		}
	}
	if !found {
		ps = append(ps, problemf("%s has no licence file", module))
	}
	return ps
}

func TestLicences_of_what_is_linked(t *testing.T) {
	dirs := map[string]string{}
	for _, platform := range platforms {
		for _, p := range packages(t, platform) {
			if p.Module != nil && !p.own() {
				dirs[p.Module.Path] = p.Module.Dir
			}
		}
	}
	if len(dirs) < 10 {
		t.Fatalf("found %d modules only", len(dirs))
	}
	for _, m := range slices.Sorted(maps.Keys(dirs)) {
		report(t, unlicensed(m, os.DirFS(dirs[m])))
	}
}

func TestLicences_violations(t *testing.T) {
	const mit = "Permission is hereby granted, free of charge, to any person\nobtaining a copy"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"mit":              {map[string]string{"LICENSE": mit}, ""},
		"apache_wrapped":   {map[string]string{"License.txt": "  Apache License\n   Version 2.0, January 2004"}, ""},
		"none":             {map[string]string{"README.md": mit}, "m has no licence file"},
		"mpl":              {map[string]string{"LICENSE": "Mozilla Public License Version 2.0"}, "m: the licence in LICENSE is MPL"},
		"mit_and_gpl":      {map[string]string{"LICENSE": mit, "COPYING": "GNU GENERAL PUBLIC LICENSE"}, "m: the licence in COPYING is GPL"},
		"commons_clause":   {map[string]string{"LICENSE": "“Commons Clause” License Condition\n" + mit}, "m: the licence in LICENSE is Commons Clause"},
		"all_rights":       {map[string]string{"LICENSE": "All rights reserved."}, "m: the licence in LICENSE is unknown"},
		"not_a_folder":     {map[string]string{"licenses/MPL.txt": "Mozilla Public License", "LICENSE": mit}, ""},
		"business_source":  {map[string]string{"LICENSE-BSL": "Business Source License 1.1"}, "m: the licence in LICENSE-BSL is BUSL"},
		"cockroach_change": {map[string]string{"LICENSE": "CockroachDB Community License"}, "m: the licence in LICENSE is CockroachDB"},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			if c.want != "" {
				want = append(want, c.want)
			}
			expect(t, unlicensed("m", files(c.files)), want...)
		})
	}
}
