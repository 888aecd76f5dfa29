package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Checkout returns the root of the checkout that the working folder is in.
func Checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if first, _, _ := strings.Cut(string(mod), "\n"); err == nil && strings.TrimSpace(first) == "module github.com/bufeomq/bufeo" {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside a checkout of bufeo: change there, or use -bufeo and -data, or -endpoint")
		}
		dir = parent
	}
}

// Build compiles cmd/bufeo of the checkout at root to the file at path.
func Build(ctx context.Context, root, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/bufeo")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build bufeo: %w\n%s", err, out)
	}
	return nil
}
