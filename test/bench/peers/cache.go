package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cache is where what was downloaded stays, outside the checkout.
type cache struct {
	dir      string
	checkout string
}

func newCache(checkout string) (*cache, error) {
	base := os.Getenv("XDG_CACHE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		base = filepath.Join(home, ".cache")
	}
	c := &cache{dir: filepath.Join(base, "bufeo"), checkout: checkout}
	return c, os.MkdirAll(c.dir, 0o755)
}

func (c *cache) path(name string) string { return filepath.Join(c.dir, name) }
func (c *cache) elasticMQ() string       { return c.path("elasticmq-" + elasticMQ) }
func (c *cache) goaws() string           { return c.path("goaws-" + goaws) }

// once fills a folder, unless it is there. It is there only when it is whole.
func (c *cache) once(dir string, fill func(dir string) error) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	part, err := os.MkdirTemp(c.dir, "part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	if err := fill(part); err != nil {
		return err
	}
	return os.Rename(part, dir)
}

// command runs a program in dir.
func (c *cache) command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// venv is the folder of the Python environment that moto is in.
func (c *cache) venv(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(c.checkout, "test", "compat", "python", "venv.sh"), "s3")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("venv.sh: %w\n%s", err, said.String())
	}
	return strings.TrimSpace(string(out)), nil
}

func write(file, text string) error { return os.WriteFile(file, []byte(text), 0o644) }
