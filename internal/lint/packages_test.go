package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// module is ours.
const module = "github.com/bufeomq/bufeo"

// goPackage is what `go list -json` says of one.
type goPackage struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Module       *struct{ Path, Version, Dir string }
	Error        *struct{ Err string }
}

// own reports whether the package is one of this module.
func (p *goPackage) own() bool {
	return p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/")
}

// rel is its path below the module.
func (p *goPackage) rel() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// graph has packages by import path.
type graph map[string]*goPackage

// platforms are those that bufeo is built for. What is linked differs between systems.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// list runs `go list -deps ./...` in a module as for a platform, without cgo. It fails if a package that another imports
// has no files for the platform.
func list(dir, platform string) (graph, error) {
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,TestImports,XTestImports,Module,Error", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	out, err := cmd.Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			return nil, errors.New(string(e.Stderr))
		}
		return nil, err
	}
	g := graph{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &goPackage{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return g, nil
		} else if err != nil {
			return nil, err
		}
		g[p.ImportPath] = p
	}
}

var listEverywhere = sync.OnceValues(func() (map[string]graph, error) {
	all := map[string]graph{}
	for _, platform := range platforms {
		g, err := list(root, platform)
		if err != nil {
			return nil, err
		}
		all[platform] = g
	}
	return all, nil
})

// packages returns the packages of the repository and all that they import, on one platform.
func packages(t *testing.T, platform string) graph {
	t.Helper()
	all, err := listEverywhere()
	if err != nil {
		t.Fatal(err)
	}
	g := all[platform]
	if len(g) < 200 {
		t.Fatalf("go list found %d packages only", len(g))
	}
	return g
}

// network makes a graph of lines such as "sqs: internal/wire net/http". A path with a dot in its first part is of
// another module, one without is of ours if it is on the left of some line, else of the standard library.
func network(lines ...string) graph {
	g, left := graph{}, map[string]bool{}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		left[name] = true
	}
	full := func(name string) string {
		if first, _, _ := strings.Cut(name, "/"); left[name] && !strings.Contains(first, ".") {
			return module + "/" + name
		}
		return name
	}
	add := func(name string) *goPackage {
		p := g[full(name)]
		if p == nil {
			p = &goPackage{ImportPath: full(name)}
			first, _, _ := strings.Cut(name, "/")
			p.Standard = !strings.Contains(first, ".") && !left[name]
			if strings.Contains(first, ".") {
				p.Module = &struct{ Path, Version, Dir string }{Path: strings.Join(strings.SplitN(name+"//", "/", 4)[:3], "/")}
			}
			g[p.ImportPath] = p
		}
		return p
	}
	for _, line := range lines {
		name, imports, _ := strings.Cut(line, ":")
		p := add(name)
		for _, i := range strings.Fields(imports) {
			p.Imports = append(p.Imports, add(i).ImportPath)
		}
	}
	return g
}
