package lint

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// sleeps: a test that sleeps is slow when the machine is fast and wrong when it is slow. In a bubble of
// testing/synctest sleeping costs nothing and is exact, so there it is how time passes. A file is taken to be in a bubble
// if it imports testing/synctest or calls a helper of its package's tests that does synctest.Test.
func sleeps(all []*source) (ps []problem) {
	helpers := bubbleHelpers(all)
	for _, s := range all {
		if !testCode(s) || inBubble(s, helpers[s.dir()]) {
			continue
		}
		s.uses("time", func(symbol string, at ast.Node) {
			if symbol == "Sleep" {
				ps = append(ps, problemf("%s: time.Sleep outside a bubble: wait for the event itself, or use testing/synctest", s.at(at.Pos())))
			}
		})
	}
	return ps
}

// testCode is what runs under `go test`: test files, and the packages below test/compat, which are nothing else.
func testCode(s *source) bool { return s.isTest() || strings.HasPrefix(s.name, "test/compat/") }

// bubbleHelpers finds, by folder, the functions of test files that call synctest.Test.
func bubbleHelpers(all []*source) map[string][]string {
	helpers := map[string][]string{}
	for _, s := range all {
		name, ok := s.imports("testing/synctest")
		if !ok || !s.isTest() {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && calls(f, func(e ast.Expr) bool { return isSelector(e, name, "Test") }) {
				helpers[s.dir()] = append(helpers[s.dir()], f.Name.Name)
			}
		}
	}
	return helpers
}

func inBubble(s *source, helpers []string) bool {
	if _, ok := s.imports("testing/synctest"); ok {
		return true
	}
	return calls(s.file, func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.Ident:
			return slices.Contains(helpers, x.Name)
		case *ast.SelectorExpr:
			return slices.Contains(helpers, x.Sel.Name)
		}
		return false
	})
}

// calls reports whether something below n calls a function of that description.
func calls(n ast.Node, is func(fun ast.Expr) bool) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && is(c.Fun) {
			found = true
		}
		return !found
	})
	return found
}

func isSelector(e ast.Expr, x, sel string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != sel {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == x
}

func TestNo_test_sleeps(t *testing.T) {
	report(t, sleeps(ours(t)))
	const sleep = "package x\n\nimport \"time\"\n\nfunc nap() { time.Sleep(1) }\n"
	expect(t, sleeps(goFiles(t, map[string]string{
		"a/a_test.go":        sleep,
		"a/a.go":             sleep, // not a test
		"b/b_test.go":        strings.Replace(sleep, "\"time\"", "(\n\t\"testing/synctest\"\n\t\"time\"\n)\n\nvar _ = synctest.Wait", 1),
		"c/h_test.go":        "package x\n\nimport (\n\t\"testing\"\n\t\"testing/synctest\"\n)\n\nfunc run(t *testing.T) { synctest.Test(t, nil) }\n",
		"c/c_test.go":        sleep + "\nfunc use() { run(nil) }\n",
		"c/d_test.go":        sleep, // does not use the helper
		"test/compat/h/h.go": sleep,
		"test/bench/a.go":    sleep,
	})), "a/a_test.go:5", "c/d_test.go:5", "test/compat/h/h.go:5")
}

// skips: a test that is skipped is one that nobody runs. What cannot run everywhere has a build constraint, which says
// so at the top of the file; what is slow has a make target.
func skips(all []*source) (ps []problem) {
	for _, s := range all {
		pkg, ok := s.imports("testing")
		if !ok {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			switch {
			case !ok:
			case slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name),
				sel.Sel.Name == "Short" && x.Name == pkg:
				ps = append(ps, problemf("%s: %s.%s: make it run, or give the file a build constraint", s.at(sel.Pos()), x.Name, sel.Sel.Name))
			}
			return true
		})
	}
	return ps
}

func TestNo_test_is_skipped(t *testing.T) {
	report(t, skips(ours(t)))
	expect(t, skips(goFiles(t, map[string]string{
		"a_test.go": "package x\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip(\"slow\")\n\t}\n}\n\nfunc BenchmarkB(b *testing.B) { b.SkipNow() }\n",
		"b.go":      "package x\n\nfunc f(t decoder) { t.Skip() }\n", // not a test
	})), "a_test.go:6: testing.Short", "a_test.go:7: t.Skip", "a_test.go:11: b.SkipNow")
}

// layout: what stands at the top is what section "Tree" of docs/architecture.md describes. A new folder there is a
// decision, not an accident.
var layout = []string{
	"cmd", "docs", "internal", "server", "sqs", "sqstest", "test",
	"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "go.mod", "go.sum",
}

func strangers(names []string) (ps []problem) {
	for _, name := range names {
		top, _, _ := strings.Cut(name, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(layout, top) {
			ps = append(ps, problemf("%s: %s is not a part of the layout", name, top))
		}
	}
	for _, must := range []string{"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "docs/index.md", "docs/architecture.md"} {
		if !slices.Contains(names, must) {
			ps = append(ps, problemf("%s is missing", must))
		}
	}
	for _, name := range names {
		if base := path.Base(path.Dir(name)); slices.Contains([]string{"util", "utils", "helpers", "common", "models", "types", "misc"}, base) {
			ps = append(ps, problemf("%s: a package is named for what it provides, which %q is not", name, base))
		}
	}
	return ps
}

func TestLayout(t *testing.T) {
	var names []string
	if err := walk(repository(), func(name string) {
		if !ignored(name) {
			names = append(names, name)
		}
	}); err != nil {
		t.Fatal(err)
	}
	report(t, strangers(names))
	expect(t, strangers([]string{
		"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "docs/index.md", "src/main.go", "internal/utils/a.go",
	}), "src/main.go: src", "docs/architecture.md is missing", "internal/utils/a.go: a package")
}

// ignored files are those that .gitignore names by their ending: they lie around in work trees.
func ignored(name string) bool {
	return slices.Contains([]string{".test", ".prof", ".log"}, path.Ext(name)) || name == "bufeo" || name == "bufeo.exe"
}
