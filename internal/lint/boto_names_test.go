package lint

import (
	"errors"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// botoSymbol is one thing that boto.sqs has: a class, function, method or attribute; a parameter of one; or a value or
// part of a parameter.
type botoSymbol struct {
	class            string // or module, with its full name
	name, param, sub string // name is the class's own for its constructor; param and sub may be ""
}

// key is how the first column of the table names it: read, read(vt), read(vt: a).
func (s botoSymbol) key() string {
	switch {
	case s.param == "":
		return s.name
	case s.sub == "":
		return s.name + "(" + s.param + ")"
	}
	return s.name + "(" + s.param + ": " + s.sub + ")"
}

func (s botoSymbol) full() string { return s.class + ": " + s.key() }

// owner is the class for its constructor's parameters, and the member for all others.
func (s botoSymbol) owner() string {
	if path.Ext(s.class) == "."+s.name {
		return s.class
	}
	return s.class + "." + s.name
}

var signatureForm = regexp.MustCompile(`^(\w+)(?:\((.*)\))?$`)

// botoSymbols reads testdata/boto-sqs.txt.
func botoSymbols(text string) (all []botoSymbol) {
	var class, member string
	add := func(signature string) {
		m := signatureForm.FindStringSubmatch(signature)
		if m == nil {
			panic("not a signature: " + signature)
		}
		member = m[1]
		all = append(all, botoSymbol{class: class, name: member})
		for _, p := range parameters(m[2]) {
			all = append(all, botoSymbol{class: class, name: member, param: p})
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(line, "module "); ok {
			class = name
			continue
		}
		if signature, ok := strings.CutPrefix(line, "class "); ok {
			class, _, _ = strings.Cut(signature, "(")
			add(strings.TrimPrefix(signature, strings.TrimSuffix(class, path.Ext(class))+"."))
			continue
		}
		if told, ok := strings.CutPrefix(line, "@ "); ok {
			param, subs, _ := strings.Cut(told, ": ")
			for sub := range strings.SplitSeq(subs, ", ") {
				all = append(all, botoSymbol{class: class, name: member, param: param, sub: sub})
			}
			continue
		}
		add(line)
	}
	return all
}

var quoted = regexp.MustCompile(`'[^']*'`)

// parameters returns the names in a list such as queue, sep='\n', **kwargs.
func parameters(list string) (names []string) {
	if list == "" {
		return nil
	}
	for p := range strings.SplitSeq(quoted.ReplaceAllString(list, "''"), ",") {
		name, _, _ := strings.Cut(strings.TrimLeft(p, " *"), "=")
		names = append(names, name)
	}
	return names
}

// botoRow is a row of a table in docs/boto.md, under the heading of its class.
type botoRow struct {
	line   int
	class  string
	keys   []string
	golang string
}

func botoRows(text string) (rows []botoRow) {
	class := ""
	newPage(botoPage, text).lines(func(n int, line string) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			class = strings.Trim(title, "`")
		}
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "| `") && len(cells) > 3 {
			rows = append(rows, botoRow{n, class, spans(cells[1]), strings.TrimSpace(cells[2])})
		}
	})
	return rows
}

// notBuilt: the words may be followed by the names that it is going to have.
func (r *botoRow) notBuilt() bool { return strings.HasPrefix(r.golang, "not built yet") }

// wrongNames checks the second column: a reason after "none:", or names that exist.
func (r *botoRow) wrongNames(names *goNames) (ps []problem) {
	if reason, none := strings.CutPrefix(r.golang, "none:"); none {
		if strings.TrimSpace(reason) == "" {
			ps = append(ps, "none, without a reason")
		}
		return ps
	}
	all := spans(r.golang)
	if len(all) == 0 && !r.notBuilt() {
		ps = append(ps, "neither a Go name nor \"none:\" with a reason")
	}
	for _, name := range all {
		switch wrong := names.check(name); {
		case r.notBuilt() && wrong == "":
			ps = append(ps, problemf("%s is built", name))
		case !r.notBuilt() && wrong != "":
			ps = append(ps, wrong)
		}
	}
	return ps
}

// goNames looks up exported names, in package sqs when they do not say of which.
type goNames struct {
	from  types.Importer
	paths map[string]string
}

// check returns what is wrong with a name such as Options.Region, aws.Config.Region or Connection.Queue(name), the last
// being a parameter.
func (g *goNames) check(name string) problem {
	chain, param, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	parts := strings.Split(chain, ".")
	pkg := "sqs"
	if token.IsIdentifier(parts[0]) && !token.IsExported(parts[0]) {
		pkg, parts = parts[0], parts[1:]
	}
	p, err := g.from.Import(g.paths[pkg])
	if err != nil || len(parts) == 0 {
		return problemf("there is no %s", name)
	}
	o := p.Scope().Lookup(parts[0])
	for _, part := range parts[1:] {
		if o == nil || !token.IsExported(part) {
			return problemf("there is no %s", name)
		}
		o, _, _ = types.LookupFieldOrMethod(o.Type(), true, p, part)
	}
	if o == nil || !o.Exported() {
		return problemf("there is no %s", name)
	}
	if s, ok := o.Type().(*types.Signature); param != "" && (!ok || !hasParameter(s, param)) {
		return problemf("%s has no parameter %s", chain, param)
	}
	return ""
}

func hasParameter(s *types.Signature, name string) bool {
	return slices.ContainsFunc(slices.Collect(s.Params().Variables()), func(v *types.Var) bool { return v.Name() == name })
}

// exportData finds the compiled form of package sqs and of all that it imports, by import path.
var exportData = sync.OnceValues(func() (map[string]string, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", "./sqs/...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			return nil, errors.New(string(e.Stderr))
		}
		return nil, err
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[name] = file
	}
	return files, nil
})

// exported reads what the compiler wrote about package sqs: names, types and parameters, generic ones included.
func exported(t *testing.T) *goNames {
	t.Helper()
	files, err := exportData()
	if err != nil {
		t.Fatal(err)
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
	return &goNames{from: importer.ForCompiler(token.NewFileSet(), "gc", open), paths: map[string]string{
		"sqs":     module + "/sqs",
		"s3store": module + "/sqs/s3store",
		"aws":     "github.com/aws/aws-sdk-go-v2/aws",
		"retry":   "github.com/aws/aws-sdk-go-v2/aws/retry",
		"http":    "net/http",
		"iter":    "iter",
		"tls":     "crypto/tls",
		"slog":    "log/slog",
	}}
}
