package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

func TestConfirm(t *testing.T) {
	conn, err := sqs.New(sqs.WithEndpoint("http://127.0.0.1:1"), sqs.WithRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	q := conn.QueueFromURL("http://127.0.0.1:1/123456789012/orders")
	const said = "bufeo: this deletes queue orders (account 123456789012, region eu-west-1) at http://127.0.0.1:1\n"
	for _, c := range []struct {
		name  string
		shell shell
		yes   bool
		code  int
		said  string
	}{
		{"yes_flag", shell{}, true, 0, said},
		{"yes_flag_on_terminal", shell{terminal: true}, true, 0, said},
		{"no_terminal", shell{stdin: "y\n"}, false, 2, said},
		{"terminal_y", shell{stdin: "y\n", terminal: true}, false, 0, said + "Go on? [y/N] "},
		{"terminal_Yes", shell{stdin: "Yes\n", terminal: true}, false, 0, said + "Go on? [y/N] "},
		{"terminal_n", shell{stdin: "n\n", terminal: true}, false, 1, said + "Go on? [y/N] "},
		{"terminal_enter", shell{stdin: "\n", terminal: true}, false, 1, said + "Go on? [y/N] "},
		{"terminal_end_of_input", shell{terminal: true}, false, 1, said + "Go on? [y/N] \n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			err := c.shell.process(nil, &stderr).confirm(t.Context(), "deletes", q, c.yes)
			code := 0
			if err != nil {
				code = exitCode(err)
			}
			if code != c.code || stderr.String() != c.said {
				t.Errorf("got %d, %q, want %d, %q", code, stderr.String(), c.code, c.said)
			}
			if c.code == 1 && !errors.Is(err, errDeclined) || c.code == 2 && !strings.HasPrefix(hintOf(err), "add --yes") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestConfirm_interrupted is Ctrl-C instead of an answer.
func TestConfirm_interrupted(t *testing.T) {
	srv, sh := filled(t, 1)
	r, w := io.Pipe()
	defer w.Close()
	sh.input, sh.terminal = r, true // nobody answers
	sh.notify = func(c chan<- os.Signal) { c <- syscall.SIGINT }
	if got := sh.run("queue", "delete", srv.URL()+"/000000000000/orders"); got.code != 1 || !strings.HasSuffix(got.stderr, "[y/N] \nbufeo: interrupted\n") {
		t.Errorf("got exit %d, %s", got.code, got.stderr)
	}
	if len(srv.Messages("orders")) != 1 {
		t.Error("the queue is gone")
	}
}
