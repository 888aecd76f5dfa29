package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqstest"
)

// offered is what a shell would be told about a command line with Tab at its end. "" is a word that was not begun.
func (s shell) offered(t *testing.T, args ...string) []string {
	t.Helper()
	out := s.okArgs(t, append([]string{"__completeNoDesc"}, args...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := lines[len(lines)-1]; last != ":4" { // cobra.ShellCompDirectiveNoFileComp
		t.Errorf("%q: the directive is %s, want :4", args, last)
	}
	return lines[:len(lines)-1]
}

func TestCompletion(t *testing.T) {
	sh := at(sqstest.New(t))
	sh.environ = append(sh.environ, awsHome(t)...)
	for _, name := range []string{"orders", "orders-dead", "pay.fifo"} {
		sh.ok(t, "queue create "+name)
	}
	names := []string{"orders", "orders-dead"}
	for _, c := range []struct {
		line string // "~" stands for an empty word
		want []string
	}{
		{"queue show o", names},
		{"queue show orders ~", nil},
		{"queue export orders p", []string{"pay.fifo"}},
		{"queue delete --protocol query ord", names},
		{"send o", names},
		{"receive o", names},
		{"message delete o", names},
		{"message delete orders ~", nil},
		{"queue create x --dead-letter o", names},
		{"queue create ~", nil},
		{"queue sh", []string{"show"}},
		{"help queue sh", []string{"show"}},
		{"queue list --output ~", []string{"json", "table", "text"}},
		{"queue list --out", []string{"--output"}},
		{"send q --class ~", []string{"raw", "boto"}},
		{"queue list --region eu-west-", []string{"eu-west-1", "eu-west-2", "eu-west-3"}},
		{"queue list --profile f", []string{"files"}},
		{"completion p", []string{"powershell"}},
		{"queue show --endpoint-url http://127.0.0.1:1 o", nil}, // nobody is there
		{"queue show --profile nobody o", nil},
	} {
		args := strings.Fields(c.line)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "~", "")
		}
		if got := sh.offered(t, args...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestCompletion_scripts(t *testing.T) {
	for shell, sign := range map[string]string{"bash": "complete -o default", "zsh": "#compdef bufeo", "fish": "complete -c bufeo", "powershell": "Register-ArgumentCompleter"} {
		if r := run(nil, "completion", shell); r.code != 0 || !strings.Contains(r.stdout, sign) || r.stderr != "" {
			t.Errorf("%s: got exit %d, and no %q", shell, r.code, sign)
		}
	}
}
