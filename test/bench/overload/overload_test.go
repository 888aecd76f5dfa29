package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/test/bench/process"
	"github.com/bufeomq/bufeo/test/command"
)

// TestRun_short builds and starts the real server, and demands of it what has to hold on any machine.
func TestRun_short(t *testing.T) {
	root, err := process.Checkout()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "bufeo")
	if err := process.Build(t.Context(), root, binary); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			args := strings.Fields("-exact -conns 300 -clients 300 -duration 2s -limit 96 -rows " + r.name)
			args = append(args, "-bufeo", binary, "-data", t.TempDir())
			if code := program.Do(t.Context(), args, &stdout, &stderr); code != command.OK {
				t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
			}
			t.Logf("%s", &stdout)
			row, last, _ := strings.Cut(strings.TrimSpace(stdout.String()), "\n")
			if !strings.HasPrefix(row, r.name) || !strings.HasPrefix(last, "overload=1 ok=true exact=true factor=4 rows=1 failed=0 ") {
				t.Errorf("got the lines\n%s\n%s", row, last)
			}
			for _, kv := range strings.Fields(last) {
				if !regexp.MustCompile(`^[a-z0-9_]+=[-+a-z0-9.]+$`).MatchString(kv) {
					t.Errorf("last line holds %q, want key=value only", kv)
				}
			}
		})
	}
}

func TestRun_usage(t *testing.T) {
	for _, args := range []string{"-rows flood,deep", "-conns 0", "-limit 3", "-duration 0s", "-what"} {
		var out bytes.Buffer
		if code := program.Do(t.Context(), strings.Fields(args), &out, &out); code != command.Usage {
			t.Errorf("%s: got exit code %d, want %d\n%s", args, code, command.Usage, &out)
		}
	}
}
