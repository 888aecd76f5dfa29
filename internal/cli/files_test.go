package cli

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// lines of a file.
func linesIn(t *testing.T, file string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(strings.Lines(string(text)))
}

// recordsIn parses a file of JSON.
func recordsIn(t *testing.T, file string) (bodies []string) {
	t.Helper()
	for _, line := range linesIn(t, file) {
		r, err := sqs.ParseRecord([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, r.Body)
	}
	return bodies
}

// TestFiles_results fixes the names in what is printed.
func TestFiles_results(t *testing.T) {
	_, sh := filled(t, 12)
	file := filepath.Join(t.TempDir(), "orders.jsonl")
	for _, c := range []struct{ line, want string }{
		{"dump orders FILE --limit 3", `{"File": "FILE", "Messages": 3, "Bytes": 18, "Repeated": 0}`},
		{"save orders FILE --yes --overwrite", `{"File": "FILE", "Messages": 9, "Bytes": 56, "Repeated": 0}`},
		{"load FILE orders", `{"File": "FILE", "Messages": 9, "Uncertain": 0}`},
		{"dump orders FILE --output text --overwrite", "FILE\t9\t56\t0\n"},
		{"load FILE orders --output text", "FILE\t9\t0\n"},
	} {
		got := strings.ReplaceAll(sh.ok(t, strings.ReplaceAll(c.line, "FILE", file)), file, "FILE")
		if got = strings.NewReplacer("{\n    ", "{", ",\n    ", ", ", "\n}\n", "}").Replace(got); got != c.want {
			t.Errorf("%s: got\n%s, want\n%s", c.line, got, c.want)
		}
	}
}

// byGroup sorts messages so that those of a group stay in their order, which is all the order that there is.
func byGroup(ms []sqstest.Message) []sqstest.Message {
	slices.SortStableFunc(ms, func(a, b sqstest.Message) int { return strings.Compare(a.GroupID, b.GroupID) })
	return ms
}

// TestSave_and_load brings back all that messages have.
func TestSave_and_load(t *testing.T) {
	for _, name := range []string{"orders", "pay.fifo"} {
		srv := sqstest.New(t)
		sh := at(srv)
		sh.ok(t, "queue create "+name)
		for i := range 25 {
			line := fmt.Sprintf("send %s body-%02d --attribute kind=%d --group g%d", name, i, i, i%3)
			if name == "pay.fifo" {
				line += fmt.Sprint(" --dedup-id ", i)
			}
			sh.ok(t, line)
		}
		want := byGroup(srv.Messages(name))
		file := filepath.Join(t.TempDir(), "saved")
		r := sh.run("save", name, file, "--yes")
		if r.code != 0 || !strings.HasPrefix(r.stderr, "bufeo: this moves all messages to "+file+", out of queue "+name+" (") {
			t.Fatalf("%s: exit %d, %s", name, r.code, r.stderr)
		}
		if left := srv.Messages(name); len(left) != 0 {
			t.Errorf("%s: %d messages are left", name, len(left))
		}
		sh.ok(t, "load "+file+" "+name)
		got := byGroup(srv.Messages(name))
		if len(got) != len(want) {
			t.Fatalf("%s: got %d messages, want %d", name, len(got), len(want))
		}
		for i := range got {
			if got[i].Body != want[i].Body || got[i].GroupID != want[i].GroupID || !reflect.DeepEqual(got[i].Attributes, want[i].Attributes) {
				t.Errorf("%s: got %+v, want %+v", name, got[i], want[i])
			}
		}
	}
}

// TestSave_formats: bodies only, with boto's class and a separator.
func TestSave_formats(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	file := filepath.Join(t.TempDir(), "saved")
	for flags, want := range map[string]string{
		"--format boto":              "aGVsbG8=\n",
		"--format boto --class boto": "hello\n",
		`--format separated --class boto --separator \n--\n`: "hello\n--\n",
	} {
		sh.ok(t, "send orders hello --class boto")
		sh.ok(t, "save orders "+file+" --overwrite --yes "+flags)
		if got := strings.Join(linesIn(t, file), ""); got != want {
			t.Errorf("%s: got %q, want %q", flags, got, want)
		}
		sh.ok(t, "load "+file+" orders "+strings.Replace(flags, "--format boto", "--format separated", 1))
		if got := bodies(srv.Messages("orders")); !slices.Equal(got, []string{"aGVsbG8="}) {
			t.Errorf("%s: loaded %q", flags, got)
		}
		sh.ok(t, "queue purge orders --yes")
	}
}

func TestDump_leaves_messages(t *testing.T) {
	srv, sh := filled(t, 25)
	out := sh.run("dump", "orders", "-", "--wait", "0")
	if n := strings.Count(out.stdout, "\n"); out.code != 0 || n != 25 || out.stderr != "bufeo: 25 messages, 165 bytes\n" {
		t.Errorf("got exit %d, %d lines, %s", out.code, n, out.stderr)
	}
	if n := len(srv.Messages("orders")); n != 25 {
		t.Errorf("%d messages are left", n)
	}
	sh.ok(t, "queue create copy")
	sh.stdin = out.stdout
	if got := sh.ok(t, "load - copy --output text"); got != "-\t25\t0\n" {
		t.Errorf("load: got %s", got)
	}
	if got, want := bodies(srv.Messages("copy")), bodies(srv.Messages("orders")); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDump_of_groups: behind the first messages of a group are some that no dump can see, and it does not hide that.
func TestDump_of_groups(t *testing.T) {
	sh := at(sqstest.New(t))
	sh.ok(t, "queue create pay.fifo --attribute ContentBasedDeduplication=true")
	for i := range 12 {
		sh.ok(t, fmt.Sprintf("send pay.fifo %d --group g", i))
	}
	file := filepath.Join(t.TempDir(), "dumped")
	r := sh.run("dump", "pay.fifo", file)
	if r.code != 1 || !strings.Contains(r.stderr, "pay.fifo has 2 more messages, behind those of their groups") || !strings.Contains(r.stderr, "\nhint: `bufeo save`") {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	if got := len(recordsIn(t, file)); got != 10 {
		t.Errorf("%d messages are in the file, want 10", got)
	}
}

// TestFiles_mistakes: what is wrong is said before anything is done.
func TestFiles_mistakes(t *testing.T) {
	srv, sh := filled(t, 2)
	dir := t.TempDir()
	there, partial := filepath.Join(dir, "there"), filepath.Join(dir, "begun")
	for _, name := range []string{there, partial + sqs.PartialSuffix} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"save orders":                               "save wants 2 arguments",
		"save orders x":                             "there is no terminal to ask on",
		"save orders - --yes":                       "save deletes messages when they are on disk",
		"save orders " + there + " --yes":           there + " exists",
		"dump orders " + there:                      there + " exists",
		"dump orders " + dir:                        dir + " is a folder",
		"save orders " + partial + " --format boto": partial + ".partial has what an interrupted save took",
		"save orders x --yes --class boto":          "--class is for --format boto and separated",
		"load x orders --separator :":               "--separator is for --format boto and separated",
		"save orders x --yes --limit -1":            "--limit is less than 0",
		"save orders x --yes --wait 30s":            "--wait is more than SQS takes",
		"dump orders x --visibility 0":              "--visibility is less than 1s",
		"load " + there + "x orders":                there + "x: ",
		"save orders x --format xml":                `invalid argument "xml" for "--format" flag: want json, boto or separated`,
	} {
		r := sh.run(strings.Fields(line)...)
		if r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, want) || !strings.Contains(r.stderr, "\nhint: ") {
			t.Errorf("%s: got exit %d, %s%s", line, r.code, r.stdout, r.stderr)
		}
	}
	for _, m := range srv.Messages("orders") {
		if m.ReceiveCount != 0 {
			t.Errorf("%s was received", m.Body)
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a file was made")
	}
}

// watched is a way to a server on which each request is seen, by its action, before it goes on.
func watched(t *testing.T, srv *sqstest.Server, see func(action string)) shell {
	t.Helper()
	to, err := url.Parse(srv.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // clients that are interrupted go away
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		see(action)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return shell{environ: []string{"BUFEO_ENDPOINT_URL=" + front.URL}}
}

// interruptedAt is a shell in which Ctrl-C comes with the n-th request of an action, and none later.
func interruptedAt(t *testing.T, srv *sqstest.Server, action string, n int) shell {
	t.Helper()
	signals := make(chan chan<- os.Signal, 1)
	sh := watched(t, srv, func(a string) {
		if a != action {
			return
		}
		if n--; n == 0 {
			(<-signals) <- syscall.SIGINT
		}
	})
	sh.notify = func(c chan<- os.Signal) { signals <- c }
	return sh
}

// TestFiles_interrupted: Ctrl-C ends what is under way cleanly, says how to go on, and the same command does.
func TestFiles_interrupted(t *testing.T) {
	srv, sh := filled(t, 95)
	dir := t.TempDir()
	file := filepath.Join(dir, "saved")
	r := interruptedAt(t, srv, "DeleteMessageBatch", 3).run("save", "orders", file, "--yes")
	if r.code != 1 || !strings.HasSuffix(r.stderr, "bufeo: 30 messages were moved to "+file+".partial; the same command goes on where this one ended\nbufeo: interrupted\n") {
		t.Errorf("save: got exit %d, %s", r.code, r.stderr)
	}
	if n := len(srv.Messages("orders")); n != 65 {
		t.Errorf("save: %d messages are left, want 65", n)
	}
	if got := sh.ok(t, "save orders "+file+" --yes --output text"); !strings.HasPrefix(got, file+"\t65\t") {
		t.Errorf("save: got %s", got)
	}

	r = interruptedAt(t, srv, "SendMessageBatch", 4).run("load", file, "orders")
	if want := "bufeo: 40 messages were sent, up to line 40; the same command goes on there, or, without " + file + ".loading, begins again\nbufeo: interrupted\n"; r.code != 1 || r.stderr != want {
		t.Errorf("load: got exit %d, %s, want %s", r.code, r.stderr, want)
	}
	r = sh.run("load", file, "orders", "--output", "text")
	if want := "bufeo: going on behind line 40; 0 messages may be sent a second time\n"; r.code != 0 || r.stdout != file+"\t55\t0\n" || r.stderr != want {
		t.Errorf("load: got exit %d, %s%s, want %s", r.code, r.stdout, r.stderr, want)
	}
	if got, want := bodies(srv.Messages("orders")), recordsIn(t, file); !slices.Equal(got, want) {
		t.Errorf("got %d messages, want %d", len(got), len(want))
	}

	r = interruptedAt(t, srv, "ReceiveMessage", 2).run("dump", "orders", filepath.Join(dir, "dumped"))
	if want := "bufeo: " + filepath.Join(dir, "dumped") + " was not written\nbufeo: interrupted\n"; r.code != 1 || r.stderr != want {
		t.Errorf("dump: got exit %d, %s, want %s", r.code, r.stderr, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); !slices.Equal(left, []string{file}) {
		t.Errorf("left over: %q", left)
	}
	in, w := io.Pipe() // it does not end
	defer w.Close()
	sh = interruptedAt(t, srv, "SendMessageBatch", 1)
	sh.input = in
	go io.WriteString(w, strings.Repeat("{\"Body\":\"x\"}\n", 15))
	if r = sh.run("load", "-", "orders"); r.code != 1 || r.stderr != "bufeo: 10 messages were sent, up to line 10\nbufeo: interrupted\n" {
		t.Errorf("load of stdin: got exit %d, %s", r.code, r.stderr)
	}
}

// TestProgress: a bar on a terminal, which is gone in the end; nothing elsewhere, unless lines are wanted.
func TestProgress(t *testing.T) {
	_, sh := filled(t, 30)
	if r := sh.run("dump", "orders", "-", "--wait", "0"); strings.Contains(r.stderr, "dumping") {
		t.Errorf("no terminal: got %q", r.stderr)
	}
	_, sh = filled(t, 30)
	sh.terminal = true
	r := sh.run("dump", "orders", "-", "--wait", "0")
	if !strings.Contains(r.stderr, "dumping orders  33% |") || !strings.Contains(r.stderr, "(10/30, ") || !strings.HasSuffix(r.stderr, "  \rbufeo: 30 messages, 200 bytes\n") {
		t.Errorf("terminal: got %q", r.stderr)
	}
	_, sh = filled(t, 3)
	sh.terminal = true
	if r := sh.run("dump", "orders", "-", "--progress", "none"); r.stderr != "bufeo: 3 messages, 18 bytes\n" {
		t.Errorf("none: got %q", r.stderr)
	}
}

// TestProgress_plain: a line a second at most.
func TestProgress_plain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr strings.Builder
		p := shell{}.process(nil, &stderr)
		pr := p.progress(&oneOf{value: "plain"}, "saving orders", func() int64 { return 200 })
		for i := range int64(30) {
			time.Sleep(400 * time.Millisecond)
			pr.show(10*i, int(10*i))
		}
		pr.end()
		want := "bufeo: saving orders: 20 messages, 10%\nbufeo: saving orders: 50 messages, 25%\n"
		if got := stderr.String(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 10 || !strings.HasSuffix(got, ": 290 messages, 100%\n") {
			t.Errorf("got %s", got)
		}
	})
}
