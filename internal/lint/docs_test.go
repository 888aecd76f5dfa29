package lint

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/config"
	"github.com/bufeomq/bufeo/internal/store"
)

var rewrite = flag.Bool("rewrite", false, "rewrite what is generated in the documentation")

// fill puts text between the two marks of a generated part.
func fill(page, name, text string) (string, error) {
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
	before, rest, ok := strings.Cut(page, begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		return "", fmt.Errorf("no part is marked %q", name)
	}
	return before + begin + text + end + after, nil
}

func TestConfiguration_lists_every_option(t *testing.T) {
	name := filepath.Join(root, "docs", "configuration.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fill(string(text), "options", config.Reference())
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("docs/configuration.md is behind the options: go test ./internal/lint -run Configuration -rewrite")
	}
}

func TestFill(t *testing.T) {
	got, err := fill("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n", "x", "new\n")
	if want := "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := fill("a\n", "x", ""); err == nil {
		t.Error("a page without marks was taken")
	}
}

var (
	flagForm     = regexp.MustCompile(`(?:^|[\s(])--([a-z][a-z0-9-]*)`)
	variableForm = regexp.MustCompile(`\bBUFEO_[A-Z_]+`)
	makeForm     = regexp.MustCompile(`^make ([a-z-]+)`)
	targetForm   = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
)

// stale: what texts tell users to type exists. flags are those of bufeo's commands, targets those of the Makefile.
func stale(all []*page, flags, targets []string) (ps []problem) {
	for _, p := range all {
		if strings.HasPrefix(p.name, "docs/design/") {
			continue
		}
		check := func(where, text string) {
			if !strings.Contains(text, "aws ") {
				for _, m := range flagForm.FindAllStringSubmatch(text, -1) {
					if !slices.Contains(flags, m[1]) {
						ps = append(ps, problemf("%s: there is no flag --%s", where, m[1]))
					}
				}
			}
			for _, v := range variableForm.FindAllString(text, -1) {
				name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(v, "BUFEO_")), "_", "-")
				if !slices.Contains(flags, name) {
					ps = append(ps, problemf("%s: there is no variable %s", where, v))
				}
			}
			if m := makeForm.FindStringSubmatch(text); m != nil && !slices.Contains(targets, m[1]) {
				ps = append(ps, problemf("%s: there is no make target %s", where, m[1]))
			}
		}
		p.lines(func(n int, line string) {
			for _, s := range spans(line) {
				check(fmt.Sprintf("%s:%d", p.name, n), s)
			}
		})
		for _, b := range p.code {
			if b.language != "sh" {
				continue
			}
			for line := range strings.Lines(b.text) {
				check(p.name, strings.TrimSpace(line))
			}
		}
	}
	return ps
}

// otherFlags belong to all commands.
var otherFlags = []string{"help", "version"}

// clientFlag is a row of the reference of the command line, which a test of package cli compares with the commands.
var clientFlag = regexp.MustCompile("(?m)^\\| (?:`-[a-z]`, )?`--([a-z-]+)")

func TestDocuments_name_what_exists(t *testing.T) {
	flags := slices.Clone(otherFlags)
	reference, err := fs.ReadFile(repository(), "docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range clientFlag.FindAllStringSubmatch(string(reference), -1) {
		flags = append(flags, m[1])
	}
	for i := range config.Options {
		flags = append(flags, config.Options[i].Name)
	}
	var targets []string
	makefile, err := fs.ReadFile(repository(), "Makefile")
	if err != nil {
		t.Error(err)
	}
	for _, m := range targetForm.FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, m[1])
	}
	report(t, stale(documents(t, repository()), flags, targets))

	expect(t, stale(documents(t, files(map[string]string{
		"README.md": "`--listen` `--lisen` `BUFEO_LISTEN` `BUFEO_LOUD` `make test` `make tea`\n" +
			"```sh\nbufeo serve --listen :1 --port 1\naws --endpoint-url x\nmake coffee\n```\n",
		"docs/design/0001.md": "`--gone`\n",
	})), []string{"listen"}, []string{"test"}),
		"README.md:1: there is no flag --lisen", "README.md:1: there is no variable BUFEO_LOUD", "README.md:1: there is no make target tea",
		"README.md: there is no flag --port", "README.md: there is no make target coffee")
}

// commands are what a newcomer must find in the README.
var commands = []string{
	"go run ./cmd/bufeo serve",
	"curl 'http://127.0.0.1:9324/?Action=CreateQueue&QueueName=hello'",
	"aws --endpoint-url http://127.0.0.1:9324 sqs create-queue --queue-name hello",
	"import boto3",
	"make test",
	"make bench",
}

// promises are what the README must say in so many words.
var promises = []string{"no Amazon product", "not affiliated", "it is not enforced", "sends nothing to anyone", "Not built yet"}

func unsaid(readme string) (ps []problem) {
	for _, text := range slices.Concat(commands, promises) {
		if !strings.Contains(readme, text) {
			ps = append(ps, problemf("README.md does not have %q", text))
		}
	}
	return ps
}

func TestReadme_has_what_newcomers_need(t *testing.T) {
	text, err := fs.ReadFile(repository(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	report(t, unsaid(string(text)))
	all := slices.Concat(commands, promises)
	expect(t, unsaid(strings.Join(all[1:], "\n")), `README.md does not have "go run ./cmd/bufeo serve"`)
}

// vet checks a program of a text against the packages of this repository.
func vet(t *testing.T, program string) (string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(name, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "vet", name)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGo_programs_in_the_README_compile(t *testing.T) {
	n := 0
	for _, p := range documents(t, repository()) {
		for _, b := range p.code {
			if b.language != "go" || !strings.HasPrefix(b.text, "package main\n") {
				continue
			}
			n++
			if out, err := vet(t, b.text); err != nil {
				t.Errorf("%s: %v\n%s", p.name, err, out)
			}
		}
	}
	if n == 0 {
		t.Error("the texts have no Go program")
	}
	if _, err := vet(t, "package main\n\nimport \"github.com/bufeomq/bufeo/sqs\"\n\nfunc main() { sqs.Nothing() }\n"); err == nil {
		t.Error("a program that does not compile was taken")
	}
}

var keyForm = regexp.MustCompile("(?m)^\\| `([a-zA-Z])<")

// unexplained compares the key prefixes that keys.go declares with those of the page on the format.
func unexplained(keys *source, page string) (ps []problem) {
	var documented []string
	for _, m := range keyForm.FindAllStringSubmatch(page, -1) {
		documented = append(documented, m[1])
	}
	ast.Inspect(keys.file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "prefix") || len(spec.Values) == 0 {
			return true
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || lit.Kind != token.CHAR {
			return true
		}
		prefix, err := strconv.Unquote(lit.Value)
		if err != nil || !slices.Contains(documented, prefix) {
			ps = append(ps, problemf("%s: %s is not in docs/storage-format.md", keys.at(spec.Pos()), lit.Value))
		}
		return true
	})
	return ps
}

func TestStorage_format_is_documented(t *testing.T) {
	text, err := fs.ReadFile(repository(), "docs/storage-format.md")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(ours(t), func(s *source) bool { return s.name == "internal/store/keys.go" })
	if i < 0 {
		t.Fatal("internal/store/keys.go is gone")
	}
	report(t, unexplained(ours(t)[i], string(text)))
	if want := fmt.Sprintf("format version **%d**", store.FormatVersion); !strings.Contains(string(text), want) {
		t.Errorf("docs/storage-format.md does not say %q", want)
	}
	if want := fmt.Sprintf("%s sequence numbers", "4,096"); store.SegmentSize != 4096 || !strings.Contains(string(text), want) {
		t.Errorf("docs/storage-format.md does not say %q", want)
	}
	keys := goFiles(t, map[string]string{"k.go": "package store\n\nconst (\n\tprefixA = 'a' // told\n\tprefixB = 'b' // not told\n\tother = 'c'\n)\n"})
	expect(t, unexplained(keys[0], "| `a<queue>` | a |\n"), "k.go:5: 'b'")
}

// unordered: what somebody has to do before an upgrade comes first in every release's notes.
func unordered(changelog string) (ps []problem) {
	release := ""
	for line := range strings.Lines(changelog) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			release = title
		}
		if title, ok := strings.CutPrefix(line, "### "); ok && release != "" {
			if title != "Upgrading" {
				ps = append(ps, problemf("CHANGELOG.md: %s begins with %q, want Upgrading", release, title))
			}
			release = ""
		}
	}
	return ps
}

func TestChangelog_begins_with_upgrading(t *testing.T) {
	text, err := fs.ReadFile(repository(), "CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\n### Upgrading\n") {
		t.Error("CHANGELOG.md has no Upgrading")
	}
	report(t, unordered(string(text)))
	expect(t, unordered("## 2\n### New\n### Upgrading\n## 1\n### Upgrading\n### New\n"), `CHANGELOG.md: 2 begins with "New"`)
}

func TestLicence_of_bufeo(t *testing.T) {
	text, err := fs.ReadFile(repository(), "LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := licence(string(text)); name != "Apache-2.0" || !strings.Contains(string(text), "END OF TERMS AND CONDITIONS") {
		t.Errorf("LICENSE is %s, want the whole of Apache-2.0", name)
	}
}
