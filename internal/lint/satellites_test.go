package lint

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// satellites are the folders of modules that are for users, like the root, and that only some of them want: each brings a
// dependency that the others are spared. They are released with the root, from the same commit.
var satellites = []string{"sqs/otel"}

var listSatellite = func() func(dir string) (graph, error) {
	var mu sync.Mutex
	known := map[string]graph{}
	return func(dir string) (graph, error) {
		mu.Lock()
		defer mu.Unlock()
		if g := known[dir]; g != nil {
			return g, nil
		}
		g, err := list(path.Join(root, dir), "linux/amd64")
		known[dir] = g
		return g, err
	}
}()

// satellite returns the packages of a satellite and all that they import.
func satellite(t *testing.T, dir string) graph {
	t.Helper()
	g, err := listSatellite(dir)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// astray: a module that is neither below test/ nor a satellite is one that no rule looks at.
func astray(tree fs.FS) (ps []problem) {
	var found []string
	err := walk(tree, func(name string) {
		if path.Base(name) == "go.mod" && name != "go.mod" && !strings.HasPrefix(name, "test/") {
			found = append(found, path.Dir(name))
		}
	})
	if err != nil {
		return []problem{problemf("%v", err)}
	}
	for _, dir := range found {
		if !slices.Contains(satellites, dir) {
			ps = append(ps, problemf("%s/go.mod: add the module to satellites in internal/lint/satellites_test.go", dir))
		}
	}
	for _, dir := range satellites {
		if !slices.Contains(found, dir) {
			ps = append(ps, problemf("%s is no module", dir))
		}
	}
	return ps
}

// apart: a satellite is built on the checkout that it lies in, and is named for its folder.
func apart(dir string, m, rootModule *goMod) (ps []problem) {
	if want := module + "/" + dir; m.Module.Path != want {
		ps = append(ps, problemf("%s/go.mod: the module is %s, want %s", dir, m.Module.Path, want))
	}
	up := strings.TrimSuffix(strings.Repeat("../", strings.Count(dir, "/")+1), "/")
	if len(m.Replace) != 1 || m.Replace[0].Old.Path != module || m.Replace[0].New.Path != up {
		ps = append(ps, problemf("%s/go.mod: it replaces %v, want %s by %s, and nothing else", dir, m.Replace, module, up))
	}
	if m.Go != rootModule.Go {
		ps = append(ps, problemf("%s/go.mod: go %s, and the root has %s", dir, m.Go, rootModule.Go))
	}
	return ps
}

func TestSatellites(t *testing.T) {
	report(t, astray(repository()))
	for _, dir := range satellites {
		report(t, apart(dir, readModule(t, dir), rootModule(t)))
		for _, p := range satellite(t, dir) {
			if p.Module != nil && !p.own() {
				report(t, unlicensed(p.Module.Path, os.DirFS(p.Module.Dir)))
			}
			if p.own() && !strings.HasPrefix(p.rel(), dir) && p.rel() != "sqs" && !strings.HasPrefix(p.rel(), "internal/api") && p.rel() != "internal/wire" {
				t.Errorf("%s reaches %s: a satellite needs what package sqs needs, and nothing else of ours", dir, p.rel())
			}
		}
	}
}

func TestSatellites_violations(t *testing.T) {
	expect(t, astray(files(map[string]string{"go.mod": "", "test/a/go.mod": "", "sqs/s3store/go.mod": "", "sqs/otel/go.mod": ""})),
		"sqs/s3store/go.mod: add")
	expect(t, astray(files(map[string]string{"go.mod": ""})), "sqs/otel is no module")
	bad, good := &goMod{Go: "1.25"}, &goMod{Go: "1.26"}
	bad.Module.Path = module + "/otel"
	expect(t, apart("sqs/otel", bad, good), "sqs/otel/go.mod: the module is", "sqs/otel/go.mod: it replaces", "sqs/otel/go.mod: go 1.25")
}
