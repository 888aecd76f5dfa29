package cli

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func bodies(ms []sqstest.Message) (all []string) {
	for _, m := range ms {
		all = append(all, m.Body)
	}
	return all
}

func TestSend_sources(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("from a\r\nfile\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		stdin string
		args  []string
		want  []string
	}{
		{"argument", "not this", []string{"from an argument\n"}, []string{"from an argument\n"}},
		{"stdin", "from\nstdin\n", nil, []string{"from\nstdin\n"}},
		{"dash", "from\nstdin\n", []string{"--file=-"}, []string{"from\nstdin\n"}},
		{"file", "not this", []string{"--file", file}, []string{"from a\r\nfile\n"}},
		{"lines", "a\n\nb\r\nc", []string{"--lines"}, []string{"a", "b", "c"}},
		{"lines_of_file", "", []string{"--lines", "--file", file}, []string{"from a", "file"}},
		{"jsonl", `{"Body":"a\n"}` + "\n\n" + `{"Body":"b","ReceiptHandle":"x"}`, []string{"--jsonl"}, []string{"a\n", "b"}},
		{"class", "", []string{"hello", "--class", "boto"}, []string{"aGVsbG8="}},
		{"lines_of_class", "a\nb", []string{"--class", "boto", "--lines"}, []string{"YQ==", "Yg=="}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sh.stdin = c.stdin
			sh.okArgs(t, append([]string{"send", "orders"}, c.args...)...)
			if got := bodies(srv.Messages("orders")); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			sh.ok(t, "queue purge orders --yes")
		})
	}
}

func TestSend_attributes(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create pay.fifo")
	sh.okArgs(t, "send", "pay.fifo", "a", "--group", "g", "--dedup-id", "d", "--attribute", "kind=a=b", "--attribute", "n:Number.int=3", "--attribute", "b:Binary=AAE=")
	want := map[string]sqs.MessageAttribute{
		"kind": sqs.StringAttribute("a=b"), "n": {DataType: "Number.int", String: "3"}, "b": sqs.BinaryAttribute([]byte{0, 1}),
	}
	if got := srv.Messages("pay.fifo"); len(got) != 1 || got[0].GroupID != "g" || !reflect.DeepEqual(got[0].Attributes, want) {
		t.Errorf("got %+v", got)
	}
	// A line has its own group and attributes, and takes what it lacks from the flags.
	sh.stdin = `{"Body":"b","Attributes":{"MessageGroupId":"h","MessageDeduplicationId":"1"},"MessageAttributes":{"kind":{"DataType":"String","StringValue":"own"}}}
{"Body":"c","Attributes":{"MessageDeduplicationId":"2"}}`
	sh.ok(t, "send pay.fifo --jsonl --group g --attribute kind=flag --attribute more=1")
	got := srv.Messages("pay.fifo")[1:]
	if len(got) != 2 || got[0].GroupID != "h" || got[1].GroupID != "g" || got[0].Attributes["kind"].String != "own" ||
		got[1].Attributes["kind"].String != "flag" || !slices.Equal(slices.Sorted(maps.Keys(got[0].Attributes)), []string{"kind", "more"}) {
		t.Errorf("got %+v", got)
	}

	sh.ok(t, "queue create orders")
	sh.ok(t, "send orders later --delay 1m")
	sh.ok(t, "send orders later --delay 60")
	for _, m := range srv.Messages("orders") {
		if m.State != sqstest.Delayed {
			t.Errorf("got %+v, want it delayed", m)
		}
	}
}

func TestSend_mistakes(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	for _, line := range []string{
		"send orders a --lines", "send orders a --file x", "send orders --lines --jsonl", "send orders --lines --dedup-id x",
		"send orders a --attribute x", "send orders a --attribute :Number=1", "send orders a --attribute x:=1", "send orders a --attribute x:Binary=?",
		"send orders a --delay soon", "send orders a --delay -1", "send orders a --class c", "send orders --file testdata/missing", "send orders", "send",
	} {
		r := sh.run(strings.Fields(line)...)
		if r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, "\nhint: ") || len(srv.Messages("orders")) != 0 {
			t.Errorf("%s: got exit %d, %s%s", line, r.code, r.stdout, r.stderr)
		}
	}
}

// TestSend_lines_of_a_group_stay_in_order sends far more lines than fit in a request.
func TestSend_lines_of_a_group_stay_in_order(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create pay.fifo --attribute ContentBasedDeduplication=true")
	var want []string
	for i := range 5000 {
		want = append(want, fmt.Sprint(i))
	}
	sh.stdin = strings.Join(want, "\n")
	if got := sh.ok(t, "send pay.fifo --lines --group g --output text"); got != "5000\t0\n" {
		t.Errorf("got %s", got)
	}
	if got := bodies(srv.Messages("pay.fifo")); !slices.Equal(got, want) {
		t.Error("the messages are not in order, or not all there")
	}
}

// TestSend_lines_ends_at_a_failure: what was not sent is told line by line, and nothing is read after it.
func TestSend_lines_ends_at_a_failure(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	r, w := io.Pipe()
	defer w.Close()
	sh.input = r // it does not end
	go io.WriteString(w, "a\nb\n\x01\nc\n")
	got := sh.run("send", "orders", "--lines", "--output", "text")
	if got.code != 1 || !strings.Contains(got.stderr, "line 3: InvalidMessageContents: ") || !strings.Contains(got.stderr, "messages were not sent; reading ended after line ") {
		t.Errorf("got exit %d, %s", got.code, got.stderr)
	}
	sent := bodies(srv.Messages("orders"))
	if slices.Contains(sent, "\x01") || got.stdout != fmt.Sprintf("%d\t1\n", len(sent)) || len(sent) < 2 {
		t.Errorf("got %q in the queue, and printed %s", sent, got.stdout)
	}
}

// TestSend_interrupted: what was read is sent, and Ctrl-C works although the input does not end.
func TestSend_interrupted(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	r, w := io.Pipe()
	defer w.Close()
	sh.input = r
	signals := make(chan chan<- os.Signal, 1)
	sh.notify = func(c chan<- os.Signal) { signals <- c }
	go func() {
		io.WriteString(w, "a\nb\n")
		(<-signals) <- syscall.SIGINT
	}()
	got := sh.run("send", "orders", "--lines", "--output", "text")
	if n := len(srv.Messages("orders")); got.code != 1 || got.stdout != fmt.Sprintf("%d\t0\n", n) || got.stderr != "bufeo: interrupted\n" {
		t.Errorf("got exit %d, %s%s, with %d messages in the queue", got.code, got.stdout, got.stderr, n)
	}
	sh.notify = func(c chan<- os.Signal) { c <- syscall.SIGINT }
	if got := sh.run("send", "orders"); got.code != 1 || got.stderr != "bufeo: interrupted\n" {
		t.Errorf("one message: got exit %d, %s", got.code, got.stderr)
	}
}
