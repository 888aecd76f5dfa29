package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Run is what the TestMain of a suite does: it starts the server that the suite's tests share, without the rules of 60
// seconds, runs the tests, and insists on a clean stop. When all passed, what the client called is recorded; client
// returns its name and version, and a nil client records nothing.
func Run(m *testing.M, shared **Server, client func() (name, version string, err error)) int {
	dir, err := os.MkdirTemp("", "bufeo-compat-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what is left over is in the folder for temporary files
	*shared, err = Launch(filepath.Join(dir, "data"), "--relaxed-cooldowns")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := (*shared).Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "server did not stop cleanly:", err)
		return 1
	}
	if code != 0 || client == nil {
		return code
	}
	name, version, err := client()
	if err == nil {
		err = WriteRecord(name, version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
