package lint

import (
	"go/ast"
	"go/token"
	"path"
	"strings"
	"testing"
)

// undocumented: what others build on is explained where they look, in the sentence above it. Public is every package
// that another module can import.
func undocumented(all []*source) (ps []problem) {
	for _, s := range all {
		if s.isTest() || !public(s) {
			continue
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil {
					ps = append(ps, problemf("%s: %s has no comment", s.at(d.Pos()), d.Name.Name))
				}
			case *ast.GenDecl:
				ps = append(ps, undocumentedIn(s, d)...)
			}
		}
	}
	return ps
}

// public: below internal nobody else can import, below test are modules of their own, and package main is no API.
func public(s *source) bool {
	for _, part := range strings.Split(path.Dir(s.name), "/") {
		if part == "internal" || part == "test" {
			return false
		}
	}
	return s.file.Name.Name != "main"
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	e := f.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr: // a generic type
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// undocumentedIn looks at types, variables and constants. One comment above a group is enough for its values, as in
// the standard library; types each have their own.
func undocumentedIn(s *source, d *ast.GenDecl) (ps []problem) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if !spec.Name.IsExported() {
				continue
			}
			if spec.Doc == nil && (d.Doc == nil || d.Lparen != token.NoPos) {
				ps = append(ps, problemf("%s: type %s has no comment", s.at(spec.Pos()), spec.Name.Name))
			}
			ps = append(ps, undocumentedMethods(s, spec)...)
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					ps = append(ps, problemf("%s: %s has no comment", s.at(name.Pos()), name.Name))
				}
			}
		}
	}
	return ps
}

// undocumentedMethods looks at the methods of an interface: they are its contract.
func undocumentedMethods(s *source, spec *ast.TypeSpec) (ps []problem) {
	it, ok := spec.Type.(*ast.InterfaceType)
	if !ok {
		return nil
	}
	for _, m := range it.Methods.List {
		for _, name := range m.Names {
			if name.IsExported() && m.Doc == nil && m.Comment == nil {
				ps = append(ps, problemf("%s: method %s.%s has no comment", s.at(m.Pos()), spec.Name.Name, name.Name))
			}
		}
	}
	return ps
}

func TestEvery_public_symbol_is_documented(t *testing.T) {
	report(t, undocumented(ours(t)))
	expect(t, undocumented(goFiles(t, map[string]string{
		"sqs/a.go": `package sqs

func F() {}

type T struct{}

func (t *T) M() {}

func (t *hidden) M() {}

type G[A any] struct{} // not a doc comment

func (g G[A]) M() {}

type hidden struct{}

// I has a method without a contract.
type I interface{ M() }

// All of them.
const (
	A = 1
	B = 2
)

var V int

// W is one.
var W int
`,
		"sqs/a_test.go":     "package sqs\n\nfunc Helper() {}\n",
		"internal/api/a.go": "package api\n\nfunc F() {}\n",
		"cmd/bufeo/main.go": "package main\n\nfunc F() {}\n",
	})), "sqs/a.go:3: F", "sqs/a.go:5: type T", "sqs/a.go:7: M", "sqs/a.go:11: type G", "sqs/a.go:13: M",
		"sqs/a.go:18: method I.M", "sqs/a.go:26: V")
}
