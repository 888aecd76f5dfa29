package harness

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Venv returns the directory of the virtual environment with the client called name, one of the requirements-NAME.txt
// in test/compat/python. The first call on a machine makes it; see venv.sh there.
func Venv(t testing.TB, name string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	script := exec.CommandContext(t.Context(), "sh", filepath.Join(PythonDir(t), "venv.sh"), name)
	script.Stdout, script.Stderr = &stdout, &stderr
	if err := script.Run(); err != nil {
		t.Fatalf("venv.sh %s: %v\n%s", name, err, &stderr)
	}
	return strings.TrimSpace(stdout.String())
}

// Python is a command that runs the Python of the named environment in test/compat/python.
func Python(t testing.TB, venv string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := Binary()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), filepath.Join(Venv(t, venv), "bin", "python"), args...)
	run.Dir = PythonDir(t)
	run.Env = Environ("BUFEO_BIN="+binary, "PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1")
	return run
}

// PythonDir is test/compat/python.
func PythonDir(t testing.TB) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "test", "compat", "python")
}
