package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// root is the repository, seen from this package's folder, where its tests run.
const root = "../.."

func repository() fs.FS { return os.DirFS(root) }

// problem says where something is wrong, what, and what to do about it.
type problem string

func problemf(format string, args ...any) problem { return problem(fmt.Sprintf(format, args...)) }

// report fails the test with each problem.
func report(t *testing.T, ps []problem) {
	t.Helper()
	for _, p := range ps {
		t.Error(p)
	}
}

// expect is for the negative cases: the problems must be exactly those that begin with want, in any order.
func expect(t *testing.T, got []problem, want ...string) {
	t.Helper()
	rest := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(rest, func(p problem) bool { return strings.HasPrefix(string(p), w) })
		if i < 0 {
			t.Errorf("no problem begins with %q", w)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, p := range rest {
		t.Errorf("unexpected: %s", p)
	}
}

// walk calls f for every file of the tree but those in hidden folders and testdata, and those of other tools.
func walk(tree fs.FS, f func(name string)) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			f(name)
			return nil
		}
		switch base := path.Base(name); {
		case name == ".":
			return nil
		case strings.HasPrefix(base, "."), base == "testdata", base == "bufeo-data", base == "node_modules":
			return fs.SkipDir
		}
		return nil
	})
}

// source is a parsed Go file.
type source struct {
	name  string // path in the tree
	fset  *token.FileSet
	file  *ast.File
	lines int
}

func (s *source) dir() string  { return path.Dir(s.name) }
func (s *source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// at writes a position.
func (s *source) at(p token.Pos) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(p).Line)
}

// imports returns the name under which the file imports a package, and whether it does.
func (s *source) imports(pkg string) (name string, ok bool) {
	for _, spec := range s.file.Imports {
		if strings.Trim(spec.Path.Value, `"`) != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name, true
		}
		name = path.Base(pkg)
		if strings.HasPrefix(name, "v") && strings.Trim(name[1:], "0123456789") == "" {
			name = path.Base(path.Dir(pkg))
		}
		return name, true
	}
	return "", false
}

// uses calls f for each mention of a symbol of a package, as in time.Sleep.
func (s *source) uses(pkg string, f func(symbol string, at ast.Node)) {
	name, ok := s.imports(pkg)
	if !ok {
		return
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
			f(sel.Sel.Name, sel)
		}
		return true
	})
}

func parseTree(tree fs.FS) ([]*source, error) {
	var all []*source
	var failed error
	err := walk(tree, func(name string) {
		if !strings.HasSuffix(name, ".go") || failed != nil {
			return
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			failed = err
			return
		}
		s := &source{name: name, fset: token.NewFileSet(), lines: strings.Count(string(text), "\n")}
		s.file, failed = parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		all = append(all, s)
	})
	if failed != nil {
		return nil, failed
	}
	return all, err
}

var parseRepository = sync.OnceValues(func() ([]*source, error) { return parseTree(repository()) })

// ours returns the Go files of the repository.
func ours(t *testing.T) []*source {
	t.Helper()
	all, err := parseRepository()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found %d Go files only", len(all))
	}
	return all
}

// files makes a tree of names and texts.
func files(texts map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, text := range texts {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// goFiles parses such a tree.
func goFiles(t *testing.T, texts map[string]string) []*source {
	t.Helper()
	all, err := parseTree(files(texts))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWalk_leaves_out_what_is_not_ours(t *testing.T) {
	tree := files(map[string]string{"a.go": "", ".build/b.go": "", "x/testdata/c.go": "", "x/d.go": "", "node_modules/e.go": ""})
	var got []string
	if err := walk(tree, func(name string) { got = append(got, name) }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a.go", "x/d.go"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
