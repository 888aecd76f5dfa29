package cli

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// TestGolden runs the command lines of testdata/screens.txt. Each case is a command line, "----", the exit code and
// what went to stdout and stderr; a line of "====" ends it.
func TestGolden(t *testing.T) {
	const golden = "testdata/screens.txt"
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	for c := range strings.SplitSeq(strings.TrimSuffix(string(file), "====\n"), "====\n") {
		line, want, _ := strings.Cut(c, "----\n")
		got := screen(strings.TrimSpace(line))
		now.WriteString(line + "----\n" + got + "====\n")
		if got != want && !*rewrite {
			t.Errorf("%sgot:\n%swant:\n%s(-rewrite takes what is got)", line, got, want)
		}
	}
	if *rewrite {
		if err := os.WriteFile(golden, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// screen runs a command line such as "BUFEO_REGION=x bufeo serve" and shows what comes of it.
func screen(line string) string {
	before, after, _ := strings.Cut(line, "bufeo")
	r := run(strings.Fields(before), strings.Fields(after)...)
	out := "exit " + string(rune('0'+r.code)) + "\n"
	if r.stdout != "" {
		out += "stdout:\n" + r.stdout
	}
	if r.stderr != "" {
		out += "stderr:\n" + r.stderr
	}
	return out
}
