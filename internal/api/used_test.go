package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEachRowIsAnswered: docs/errors.md says what a server answers with, so each row of the catalogue must occur in the
// server, but for those that are marked as unused and AccessDenied, which waits for authentication.
func TestEachRowIsAnswered(t *testing.T) {
	var sources strings.Builder
	for _, folder := range []string{"../service", "../gateway", "../wire", "../../server"} {
		names, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d sources, %v", folder, len(names), err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	answered := map[string]bool{"AccessDenied": true}
	for _, m := range regexp.MustCompile(`\bapi\.([A-Z]\w+)`).FindAllStringSubmatch(sources.String(), -1) {
		answered[m[1]] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "catalogue.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) == 0 {
			return true
		}
		call, ok := spec.Values[0].(*ast.CallExpr)
		if !ok {
			return true
		}
		rows++
		name := spec.Names[0].Name
		if maker, ok := call.Fun.(*ast.Ident); ok && maker.Name == "unused" {
			if answered[name] {
				t.Errorf("%s is marked as unused and occurs in the server", name)
			}
			return true
		}
		if !answered[name] {
			t.Errorf("%s occurs nowhere in the server", name)
		}
		return true
	})
	if rows != len(Catalogue) {
		t.Errorf("found %d rows of %d", rows, len(Catalogue))
	}
}
