package lint

import (
	"go/build/constraint"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cgo: without it one machine builds for all platforms, and the binary runs on any system of its kind. What is only there where
// cgo is used already, by dependencies, is none of that.
func cgo(all []*source) (ps []problem) {
	for _, s := range all {
		if _, ok := s.imports("C"); ok && !withCgo(s) {
			ps = append(ps, problemf("%s uses cgo", s.name))
		}
	}
	return ps
}

// withCgo reports whether a file is built with cgo only.
func withCgo(s *source) bool {
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if x, err := constraint.Parse(c.Text); err == nil {
				return !x.Eval(func(tag string) bool { return tag != "cgo" })
			}
		}
	}
	return false
}

var makePlatforms = regexp.MustCompile(`(?m)^PLATFORMS\s*:?=\s*(.*)$`)

// unbuilt: building six times takes minutes, so `make cross` does it, as a part of `make lint`. Here is seen to it that
// it builds all six.
func unbuilt(makefile string) (ps []problem) {
	var built []string
	if m := makePlatforms.FindStringSubmatch(makefile); m != nil {
		built = strings.Fields(m[1])
	}
	for _, p := range platforms {
		if !slices.Contains(built, p) {
			ps = append(ps, problemf("Makefile: make cross does not build for %s", p))
		}
	}
	return ps
}

func TestEvery_platform(t *testing.T) {
	for _, platform := range platforms {
		packages(t, platform) // see list
	}
	report(t, cgo(ours(t)))
	expect(t, cgo(goFiles(t, map[string]string{"a.go": "package a\n\nimport \"C\"\n"})), "a.go uses cgo")
	expect(t, cgo(goFiles(t, map[string]string{
		"a.go": "//go:build cgo && linux\n\npackage a\n\nimport \"C\"\n", "b.go": "//go:build cgo || linux\n\npackage a\n\nimport \"C\"\n",
	})), "b.go uses cgo")

	makefile, err := fs.ReadFile(repository(), "Makefile")
	if err != nil {
		t.Fatal(err)
	}
	report(t, unbuilt(string(makefile)))
	expect(t, unbuilt("PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64\n"),
		"Makefile: make cross does not build for windows/arm64")
}

func TestEvery_platform_violation(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":         "module example.org/m\n\ngo 1.26.0\n",
		"m.go":           "package m\n\nimport _ \"example.org/m/n\"\n",
		"n/n_linux.go":   "package n\n",
		"n/n_windows.go": "package n\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for platform, ok := range map[string]bool{"linux/amd64": true, "windows/arm64": true, "darwin/arm64": false} {
		if _, err := list(dir, platform); (err == nil) != ok {
			t.Errorf("%s: got %v", platform, err)
		}
	}
}
