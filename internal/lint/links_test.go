package lint

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// page is a Markdown file.
type page struct {
	name  string
	prose string // without fenced code; lines keep their numbers
	code  []block
}

// block is fenced code.
type block struct{ language, text string }

func pages(tree fs.FS) ([]*page, error) {
	var all []*page
	var failed error
	err := walk(tree, func(name string) {
		if path.Ext(name) != ".md" || failed != nil {
			return
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			failed = err
			return
		}
		all = append(all, newPage(name, string(text)))
	})
	if failed != nil {
		return nil, failed
	}
	return all, err
}

func newPage(name, text string) *page {
	p := &page{name: name}
	var prose strings.Builder
	var open *block
	for line := range strings.Lines(text) {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &block{language: fence}
			prose.WriteByte('\n')
		case isFence:
			p.code = append(p.code, *open)
			open = nil
			prose.WriteByte('\n')
		case open != nil:
			open.text += line
			prose.WriteByte('\n')
		default:
			prose.WriteString(line)
		}
	}
	p.prose = prose.String()
	return p
}

// lines calls f for each line of prose.
func (p *page) lines(f func(n int, line string)) {
	n := 0
	for line := range strings.Lines(p.prose) {
		n++
		f(n, strings.TrimRight(line, "\n"))
	}
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// spans returns the inline code of a line.
func spans(line string) (all []string) {
	for _, s := range codeSpan.FindAllString(line, -1) {
		all = append(all, strings.Trim(s, "`"))
	}
	return all
}

// anchors are the names that the headings of a page can be linked by, as the common hosts make them.
func (p *page) anchors() (all []string) {
	p.lines(func(_ int, line string) {
		text, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !ok || !strings.HasPrefix(line, "#") {
			return
		}
		slug := strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
				return r
			case r == ' ':
				return '-'
			}
			return -1
		}, strings.ToLower(text))
		all = append(all, slug)
	})
	return all
}

var linkForms = []*regexp.Regexp{
	regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)`), // [text](target), ![text](target)
	regexp.MustCompile(`<(?:img|a)\b[^>]*\b(?:src|href)="([^"]+)"`),
}

var address = regexp.MustCompile(`https?://[^\s)"'<>` + "`" + `]+`)

// hosts are those that texts may name: our own, AWS's documentation, sources of what we use, and examples.
var hosts = []string{"github.com", "docs.aws.amazon.com", "www.apache.org", "pkg.go.dev", "localhost", "127.0.0.1", "sqs.example.org"}

// broken: a link that leads nowhere is a promise not kept.
func broken(tree fs.FS, all []*page) (ps []problem) {
	byName := map[string]*page{}
	for _, p := range all {
		byName[p.name] = p
	}
	for _, p := range all {
		p.lines(func(n int, line string) {
			for _, u := range address.FindAllString(line, -1) {
				if parsed, err := url.Parse(u); err != nil || !slices.Contains(hosts, parsed.Hostname()) {
					ps = append(ps, problemf("%s:%d: %s is on a host that texts do not name", p.name, n, u))
				}
			}
			line = codeSpan.ReplaceAllString(line, "")
			for _, form := range linkForms {
				for _, m := range form.FindAllStringSubmatch(line, -1) {
					if why := deadEnd(tree, byName, p, m[1]); why != "" {
						ps = append(ps, problemf("%s:%d: link to %s: %s", p.name, n, m[1], why))
					}
				}
			}
		})
	}
	return ps
}

// deadEnd says why a link does not work, or "".
func deadEnd(tree fs.FS, byName map[string]*page, from *page, target string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(target, "#")
	name := from.name
	if file != "" {
		name = path.Join(path.Dir(from.name), file)
	}
	if _, err := fs.Stat(tree, name); err != nil {
		return "there is no " + name
	}
	if anchor == "" {
		return ""
	}
	if p := byName[name]; p == nil || !slices.Contains(p.anchors(), anchor) {
		return name + " has no such heading"
	}
	return ""
}

// orphans: what the index does not lead to is found by nobody.
func orphans(all []*page) (ps []problem) {
	const index = "docs/index.md"
	var linked []string
	for _, p := range all {
		if p.name != index {
			continue
		}
		for _, m := range linkForms[0].FindAllStringSubmatch(p.prose, -1) {
			file, _, _ := strings.Cut(m[1], "#")
			linked = append(linked, path.Join("docs", file))
		}
	}
	for _, p := range all {
		if strings.HasPrefix(p.name, "docs/") && p.name != index && !slices.Contains(linked, p.name) {
			ps = append(ps, problemf("%s does not link to %s", index, p.name))
		}
	}
	return ps
}

var pathForm = regexp.MustCompile(`^(internal|cmd|server|sqs|sqstest|test|docs)/[A-Za-z0-9_./-]+$`)

// missing: files and folders that texts name exist. Design notes may speak of what was and what will be.
func missing(tree fs.FS, all []*page) (ps []problem) {
	for _, p := range all {
		if strings.HasPrefix(p.name, "docs/design/") {
			continue
		}
		p.lines(func(n int, line string) {
			for _, s := range spans(line) {
				if !pathForm.MatchString(s) {
					continue
				}
				if _, err := fs.Stat(tree, strings.TrimSuffix(s, "/")); err != nil {
					ps = append(ps, problemf("%s:%d: there is no %s", p.name, n, s))
				}
			}
		})
	}
	return ps
}

func documents(t *testing.T, tree fs.FS) []*page {
	t.Helper()
	all, err := pages(tree)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLinks(t *testing.T) {
	all := documents(t, repository())
	report(t, broken(repository(), all))
	report(t, orphans(all))
	report(t, missing(repository(), all))
}

func TestLinks_violations(t *testing.T) {
	tree := files(map[string]string{
		"README.md": "[a](docs/a.md) [b](docs/none.md) [c](docs/a.md#first-part) [d](docs/a.md#second)\n" +
			"`[code](is/none.md)` <img src=\"docs/none.svg\">\n```\n[fenced](is/none.md)\n```\n" +
			"[e](https://elsewhere.example/x) [f](https://github.com/x)\n[g](#nowhere)\n",
		"docs/index.md":       "[a](a.md)\n",
		"docs/a.md":           "# First part\n`internal/gone/a.go` `internal/here` `internal/*`\n",
		"docs/b.md":           "",
		"docs/design/0001.md": "`internal/gone`\n",
		"internal/here/a.go":  "",
	})
	all := documents(t, tree)
	expect(t, broken(tree, all),
		"README.md:1: link to docs/none.md", "README.md:1: link to docs/a.md#second", "README.md:2: link to docs/none.svg",
		"README.md:6: https://elsewhere.example/x", "README.md:7: link to #nowhere")
	expect(t, orphans(all), "docs/index.md does not link to docs/b.md", "docs/index.md does not link to docs/design/0001.md")
	expect(t, missing(tree, all), "docs/a.md:2: there is no internal/gone/a.go")
}
