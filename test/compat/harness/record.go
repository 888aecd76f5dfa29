package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Call is an action in a protocol.
type Call struct {
	Action   string `json:"action"`
	Protocol string `json:"protocol"` // json or query
}

// Record is what a client called in a run of its suite. It is taken from what the server itself logged, so it has only
// what really arrived, and only what was answered with success. docs/compat.md is made of records; see folder matrix.
type Record struct {
	Client  string `json:"client"`
	Version string `json:"version"`
	Calls   []Call `json:"calls"`
}

// recordDir names the folder that records go to. Without it, as when somebody runs one test by hand, none are written.
const recordDir = "COMPAT_RECORDS"

// seen collects the calls that the servers of this process answered.
var seen struct {
	sync.Mutex
	calls []Call
}

// see adds the calls in the log of a server that has ended.
func see(log []byte) {
	seen.Lock()
	defer seen.Unlock()
	seen.calls = append(seen.calls, answered(log)...)
}

// WriteRecord writes what the servers of this process have answered as the record of a client.
func WriteRecord(client, version string) error {
	seen.Lock()
	defer seen.Unlock()
	return write(client, version, seen.calls)
}

// WriteRecordOf is WriteRecord for a suite in another language, whose servers logged to the files in folder logs.
func WriteRecordOf(logs, client, version string) error {
	files, err := os.ReadDir(logs)
	if err != nil {
		return err
	}
	var calls []Call
	for _, file := range files {
		log, err := os.ReadFile(filepath.Join(logs, file.Name()))
		if err != nil {
			return err
		}
		calls = append(calls, answered(log)...)
	}
	return write(client, version, calls)
}

func write(client, version string, calls []Call) error {
	dir := os.Getenv(recordDir)
	if dir == "" {
		return nil
	}
	if version == "" || len(calls) == 0 {
		return fmt.Errorf("record of %s: version %q, %d calls", client, version, len(calls))
	}
	slices.SortFunc(calls, func(a, b Call) int {
		return strings.Compare(a.Action+" "+a.Protocol, b.Action+" "+b.Protocol)
	})
	text, err := json.MarshalIndent(Record{Client: client, Version: version, Calls: slices.Compact(calls)}, "", "  ")
	if err != nil {
		return err
	}
	name := strings.ToLower(notAName.ReplaceAllString(client, "-")) + ".json"
	return errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name), append(text, '\n'), 0o644))
}

// answered finds in a server's log, in JSON at level debug, what it answered with 200.
func answered(log []byte) []Call {
	var calls []Call
	for line := range bytes.Lines(log) {
		var record struct {
			Call
			Status int    `json:"status"`
			Text   string `json:"msg"`
		}
		if json.Unmarshal(line, &record) == nil && record.Text == "request answered" && record.Status == 200 {
			calls = append(calls, record.Call)
		}
	}
	return calls
}

// ModuleVersion is the version of a Go module as a go.mod of test/compat pins it; a test's own binary does not know.
func ModuleVersion(goMod, module string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, "test", "compat", goMod))
	if err != nil {
		return "", err
	}
	pin := regexp.MustCompile(`(?m)^(?:require)?\s+` + regexp.QuoteMeta(module) + ` v(\S+)`).FindSubmatch(text)
	if pin == nil {
		return "", fmt.Errorf("%s requires no %s", goMod, module)
	}
	return string(pin[1]), nil
}
