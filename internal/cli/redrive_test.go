//go:build unix

package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// died is a server on which the messages of lines have gone from queue orders to its dead-letter queue, dead.
func died(t *testing.T, suffix string, lines ...string) (*sqstest.Server, shell) {
	t.Helper()
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create dead"+suffix)
	sh.ok(t, "queue create orders"+suffix+" --attribute VisibilityTimeout=0 --dead-letter dead"+suffix+" --max-receive-count 1")
	sh.ok(t, "queue create else"+suffix)
	filling := sh
	filling.stdin = strings.Join(lines, "\n")
	filling.ok(t, "send orders"+suffix+" --jsonl")
	sh.ok(t, fmt.Sprintf("receive orders%s --max %d", suffix, len(lines)))
	sh.ok(t, fmt.Sprintf("receive orders%s --max %d", suffix, len(lines))) // once too often
	if got := len(srv.Messages("dead" + suffix)); got != len(lines) {
		t.Fatalf("%d messages are dead, want %d", got, len(lines))
	}
	return srv, sh
}

// records are lines of JSON with these bodies.
func records(bodies ...string) (lines []string) {
	for _, b := range bodies {
		lines = append(lines, fmt.Sprintf(`{"Body":%q}`, b))
	}
	return lines
}

func wantBodies(t *testing.T, srv *sqstest.Server, queue string, want ...string) {
	t.Helper()
	got := bodies(srv.Messages(queue))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", queue, got, want)
	}
}

func TestRedrive_by_the_service(t *testing.T) {
	for args, queue := range map[string]string{"": "orders", " --to else": "else", " --to arn:aws:sqs:us-east-1:000000000000:else --rate 500": "else"} {
		srv, sh := died(t, "", records("a", "b", "c")...)
		got := into[moveTask](t, sh.ok(t, "redrive dead --yes"+args))
		if got.Status != "COMPLETED" || got.Moved != 3 || got.ToMove != 3 || !strings.HasSuffix(got.SourceARN, ":dead") {
			t.Errorf("got %+v", got)
		}
		wantBodies(t, srv, queue, "a", "b", "c")
		wantBodies(t, srv, "dead")
	}
}

func TestRedrive_asks(t *testing.T) {
	for _, args := range []string{"", " --filter a"} {
		srv, sh := died(t, "", records("a", "b")...)
		r := sh.run(strings.Fields("redrive dead" + args)...)
		if r.code != 2 || !strings.Contains(r.stderr, "from queue dead (account 000000000000, region us-east-1) at "+srv.URL()) {
			t.Errorf("got exit %d, %s", r.code, r.stderr)
		}
		sh.stdin, sh.terminal = "n\n", true
		if r := sh.run(strings.Fields("redrive dead" + args)...); r.code != 1 || !strings.HasSuffix(r.stderr, "bufeo: nothing was done\n") {
			t.Errorf("got exit %d, %s", r.code, r.stderr)
		}
		wantBodies(t, srv, "dead", "a", "b")
	}
}

func TestRedrive_dry_run(t *testing.T) {
	srv, sh := died(t, "", records("a", "b")...)
	for args, want := range map[string]string{
		"":                                  "2\torders\n",
		" --to else":                        "2\telse\n",
		" --filter a":                       "orders\ta\n",
		" --filter a --to else":             "else\ta\n",
		" --filter c":                       "",
		" --filter b --edit 'tr b B'":       "orders\tB\n",
		" --filter-attribute nope=1":        "",
		" --filter b --filter b --edit cat": "orders\tb\n",
	} {
		got := sh.okArgs(t, words("redrive dead --dry-run --output text --wait 0"+args)...)
		if _, rest, ok := strings.Cut(got, "\t"); got != want && (!ok || rest != want) {
			t.Errorf("%s: got %q, want %q", args, got, want)
		}
		for _, m := range srv.Messages("dead") {
			if m.State != sqstest.Visible {
				t.Errorf("%s: message %s is %s afterwards", args, m.Body, m.State)
			}
		}
	}
	wantBodies(t, srv, "dead", "a", "b")
}

// TestRedrive_left_alone is Ctrl-C while the service moves: the task goes on, and can be looked at and ended.
func TestRedrive_left_alone(t *testing.T) {
	_, sh := died(t, "", records(strings.Split(strings.Repeat("x ", 50), " ")[:50]...)...)
	signals := make(chan chan<- os.Signal, 1)
	watched := sh
	watched.notify = func(c chan<- os.Signal) { signals <- c }
	watched.terminal, watched.stdin = true, "y\n"
	interrupt := sync.OnceFunc(func() { (<-signals) <- syscall.SIGINT })
	var said strings.Builder
	stderr := writerFunc(func(p []byte) {
		if said.Write(p); strings.Contains(said.String(), "moving dead") {
			interrupt()
		}
	})
	code := watched.process(io.Discard, stderr, "redrive", "dead", "--rate", "1").Run(t.Context())
	if code != 1 || !strings.Contains(said.String(), "`bufeo redrive dead --cancel` ends it") || !strings.HasSuffix(said.String(), "bufeo: interrupted\n") {
		t.Errorf("got exit %d, %s", code, said.String())
	}
	if got := sh.ok(t, "redrive dead --list --output text"); !strings.HasPrefix(got, "RUNNING\t") {
		t.Errorf("got %s", got)
	}
	if r := sh.run("redrive", "dead", "--yes"); r.code != 1 {
		t.Errorf("a second task: got exit %d, %s", r.code, r.stderr)
	}
	sh.ok(t, "redrive dead --cancel")
	if got := sh.ok(t, "redrive dead --list"); strings.Contains(got, "RUNNING") {
		t.Errorf("after cancel: got %s", got)
	}
	if r := sh.run("redrive", "dead", "--cancel"); r.code != 1 || !strings.Contains(r.stderr, "no task is running") {
		t.Errorf("nothing to cancel: got exit %d, %s", r.code, r.stderr)
	}
}

type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

func TestRedrive_no_wait(t *testing.T) {
	_, sh := died(t, "", records("a")...)
	if got := into[map[string]string](t, sh.ok(t, "redrive dead --yes --no-wait")); got["TaskHandle"] == "" {
		t.Errorf("got %v", got)
	}
}

func TestRedrive_of_some(t *testing.T) {
	lines := []string{
		`{"Body":"apple one","MessageAttributes":{"kind":{"DataType":"String","StringValue":"fruit"}}}`,
		`{"Body":"apple two","MessageAttributes":{"kind":{"DataType":"String","StringValue":"computer"}}}`,
		`{"Body":"banana","MessageAttributes":{"kind":{"DataType":"String","StringValue":"fruit"}}}`,
	}
	for _, c := range []struct {
		args  string
		queue string
		moved []string
		kept  []string
	}{
		{"--filter apple", "orders", []string{"apple one", "apple two"}, []string{"banana"}},
		{"--filter apple --filter two", "orders", []string{"apple two"}, []string{"apple one", "banana"}},
		{"--filter-attribute kind=fruit --to else", "else", []string{"apple one", "banana"}, []string{"apple two"}},
		{"--filter-attribute kind=fruit --filter ban", "orders", []string{"banana"}, []string{"apple one", "apple two"}},
		{"--filter-attribute ApproximateReceiveCount=99", "orders", nil, []string{"apple one", "apple two", "banana"}},
		{"--filter apple --edit 'tr a-z A-Z' --rate 500", "orders", []string{"APPLE ONE", "APPLE TWO"}, []string{"banana"}},
		{"--edit 'sed s/a/A/'", "orders", []string{"Apple one", "Apple two", "bAnana"}, nil},
	} {
		t.Run(c.args, func(t *testing.T) {
			srv, sh := died(t, "", lines...)
			got := into[moved](t, sh.okArgs(t, words("redrive dead --yes --wait 0 "+c.args)...))
			if want := (moved{len(c.moved), len(c.kept), 0}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			wantBodies(t, srv, c.queue, c.moved...)
			wantBodies(t, srv, "dead", c.kept...)
			for _, m := range srv.Messages("dead") {
				if m.State != sqstest.Visible {
					t.Errorf("%s is %s, want it given back", m.Body, m.State)
				}
			}
			for _, m := range srv.Messages(c.queue) {
				if m.Attributes["kind"].String == "" {
					t.Errorf("%s has lost its attribute", m.Body)
				}
			}
		})
	}
}

// TestRedrive_of_many goes through pages of messages that stay and pages that move.
func TestRedrive_of_many(t *testing.T) {
	var all, even []string
	for i := range 200 {
		all = append(all, fmt.Sprintf("%04d-%d", i, i%2))
		if i%2 == 0 {
			even = append(even, all[i])
		}
	}
	srv, sh := died(t, "", records(all...)...)
	if got := sh.ok(t, "redrive dead --yes --wait 0 --filter -0 --output text"); got != "100\t100\t0\n" {
		t.Errorf("got %s", got)
	}
	wantBodies(t, srv, "orders", even...)
}

func TestRedrive_fifo(t *testing.T) {
	var lines, want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("m%02d", i))
		lines = append(lines, fmt.Sprintf(`{"Body":%q,"Attributes":{"MessageGroupId":"g%d","MessageDeduplicationId":"%d"}}`, want[i], i%25, i))
	}
	srv, sh := died(t, ".fifo", lines...)
	// Within five minutes of their first way these messages would be repetitions of themselves.
	if got := sh.ok(t, "redrive dead.fifo --yes --wait 0 --filter m --output text"); got != "25\t0\t0\n" {
		t.Errorf("got %s", got)
	}
	wantBodies(t, srv, "orders.fifo", want...)
	for i, m := range srv.Messages("orders.fifo") {
		if want := "g" + strings.TrimLeft(m.Body[1:], "0"); m.GroupID != want && m.Body != "m00" {
			t.Errorf("message %d is in group %s, want %s", i, m.GroupID, want)
		}
	}
}

// TestRedrive_what_cannot_be_moved_stays, whole and visible, and is told.
func TestRedrive_what_cannot_be_moved_stays(t *testing.T) {
	for _, c := range []struct {
		name, args, said string
	}{
		{"edit_fails", "--edit 'echo no luck >&2; exit 3'", "stays: the command failed: exit status 3: no luck\n"},
		{"edit_prints_nothing", "--edit true", "stays: the command printed nothing"},
		{"edit_makes_what_sqs_does_not_take", `--edit 'printf "\\001"'`, "stays: InvalidMessageContents: "},
		{"to_another_type_of_queue", "--filter a --to else.fifo", "stays: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv, sh := died(t, "", records("a")...)
			sh.ok(t, "queue create else.fifo")
			r := sh.run(words("redrive dead --yes --wait 0 --output text " + c.args)...)
			if r.code != 1 || r.stdout != "0\t0\t1\n" || !strings.Contains(r.stderr, c.said) || !strings.Contains(r.stderr, "bufeo: messages that were not moved: 1") {
				t.Errorf("got exit %d, %s%s", r.code, r.stdout, r.stderr)
			}
			if got := srv.Messages("dead"); len(got) != 1 || got[0].State != sqstest.Visible {
				t.Errorf("got %v", got)
			}
		})
	}
	srv, sh := died(t, "", records("a")...)
	sh.ok(t, "send dead direct")
	r := sh.run("redrive", "dead", "--yes", "--wait=0", "--filter", "d")
	if r.code != 1 || !strings.Contains(r.stderr, "stays: nobody knows which queue it came from: give --to\n") {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	wantBodies(t, srv, "dead", "a", "direct")
}

// TestRedrive_deletes_only_what_has_arrived: the queue that messages go to does not answer.
func TestRedrive_deletes_only_what_has_arrived(t *testing.T) {
	srv, sh := died(t, "", records("a", "b")...)
	srv.Fail(sqstest.Rule{Action: "SendMessageBatch", Error: "InternalFailure"})
	sh.environ = append(sh.environ, "AWS_MAX_ATTEMPTS=1")
	if r := sh.run("redrive", "dead", "--yes", "--wait=0", "--filter", ""); r.code != 1 || strings.Count(r.stderr, "stays: SendMessageBatch: InternalFailure") != 2 {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	wantBodies(t, srv, "dead", "a", "b")
	wantBodies(t, srv, "orders")
}

// TestRedrive_interrupted is Ctrl-C in the middle of a page: the edit that runs is ended, the next one does not begin.
func TestRedrive_interrupted(t *testing.T) {
	srv, sh := died(t, "", records("a", "b", "c")...)
	signals := make(chan chan<- os.Signal, 1)
	sh.notify = func(c chan<- os.Signal) { signals <- c }
	interrupt := sync.OnceFunc(func() { (<-signals) <- syscall.SIGINT })
	var said strings.Builder
	stderr := writerFunc(func(p []byte) {
		if said.Write(p); strings.Contains(said.String(), "stays: ") {
			interrupt()
		}
	})
	const edit = "read body; case $body in a) exit 1;; *) exec sleep 100;; esac"
	code := sh.process(io.Discard, stderr, "redrive", "dead", "--yes", "--edit", edit).Run(t.Context())
	if code != 1 || strings.Count(said.String(), "stays: ") > 2 || !strings.HasSuffix(said.String(), "bufeo: interrupted\n") {
		t.Errorf("got exit %d, %s", code, said.String())
	}
	for _, m := range srv.Messages("dead") {
		if m.State != sqstest.Visible {
			t.Errorf("%s is %s, want it given back", m.Body, m.State)
		}
	}
	wantBodies(t, srv, "dead", "a", "b", "c")
}

func TestRedrive_of_class_boto(t *testing.T) {
	srv, sh := died(t, "", records("aGVsbG8=", "raw text")...)
	if got := into[moved](t, sh.ok(t, "redrive dead --yes --wait 0 --class boto --filter hell --edit cat")); got != (moved{1, 1, 0}) {
		t.Errorf("got %+v", got)
	}
	wantBodies(t, srv, "orders", "aGVsbG8=")
}

func TestRedrive_mistakes(t *testing.T) {
	srv, sh := died(t, "", records("a")...)
	other := sqstest.New(t)
	at(other).ok(t, "queue create else")
	for _, line := range []string{
		"redrive", "redrive dead --list --cancel", "redrive dead --rate 501", "redrive dead --rate -1", "redrive dead --filter a --list",
		"redrive dead --class boto", "redrive dead --filter-attribute x --yes",
	} {
		if r := sh.run(strings.Fields(line)...); r.code != 2 || !strings.Contains(r.stderr, "\nhint: ") {
			t.Errorf("%s: got exit %d, %s", line, r.code, r.stderr)
		}
	}
	// With no endpoint named, each URL is its own.
	r := run(nil, "redrive", srv.URL()+"/000000000000/dead", "--to", other.URL()+"/000000000000/else", "--yes")
	if r.code != 2 || !strings.Contains(r.stderr, "the service moves messages within itself only") {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	r = run(nil, "redrive", srv.URL()+"/000000000000/dead", "--to", other.URL()+"/000000000000/else", "--yes", "--wait=0", "--filter", "a")
	if r.code != 0 {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	wantBodies(t, other, "else", "a")
	wantBodies(t, srv, "dead")
}

// TestRedrive_without_tasks: the service is an older one than message move tasks.
func TestRedrive_without_tasks(t *testing.T) {
	srv, sh := died(t, "", records("a")...)
	srv.Fail(sqstest.Rule{Action: "ListMessageMoveTasks", Error: sqs.ErrUnknownOperation})
	for _, args := range []string{"--yes", "--list", "--cancel"} {
		r := sh.run("redrive", "dead", args)
		if r.code != 1 || !strings.Contains(r.stderr, "\nhint: if this service has no message move tasks, --filter '' --to QUEUE") {
			t.Errorf("%s: got exit %d, %s", args, r.code, r.stderr)
		}
	}
	sh.ok(t, "redrive dead --yes --wait 0 --filter= --to else")
	wantBodies(t, srv, "else", "a")
}
