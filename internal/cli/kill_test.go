package cli

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

var killSeed = flag.Uint64("kill-seed", 0, "repeat the tests with kill -9 with a seed that they have logged")

// asBinary has this test binary be the bufeo binary.
const asBinary = "CLI_TEST_AS_BINARY"

func TestMain(m *testing.M) {
	if os.Getenv(asBinary) != "" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}

// killer runs the binary against a server again and again, each time killed by SIGKILL at a random moment, until it is
// done. It stands between the two and sees each request.
type killer struct {
	t       *testing.T
	rand    *rand.Rand
	to, url string
	file    string // grows while the command works
	first   moment // the first kill, which is not left to chance, comes at this moment of a request
	firstOn string // of this action
	kills   int
	lost    int  // of these, when a receive had no answer or nothing had been done with it
	open    bool // there is a send of which nobody can know what became
	mu      struct {
		sync.Mutex
		run *killRun
	}
}

// moment is when a run is killed, as seen from its n-th request.
type moment int

const (
	before moment = iota // the request has not been carried out
	after                // it has been, and there was no answer
	grown                // it was answered, and the next thing was written to the file
	moments
)

// killRun is one life of the binary.
type killRun struct {
	cmd  *exec.Cmd
	at   moment
	n    int    // requests to go
	on   string // of this action; "": of any
	last string // action
	dead chan struct{}

	killed atomic.Bool
}

func (r *killRun) kill() {
	r.killed.Store(true)
	_ = r.cmd.Process.Kill() // it may have ended already
	<-r.dead
}

func newKiller(t *testing.T, srv *sqstest.Server, file string) *killer {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kill-seed %d", seed)
	k := &killer{t: t, rand: rand.New(rand.NewPCG(seed, 0)), to: srv.URL(), file: file}
	front := httptest.NewServer(k)
	t.Cleanup(front.Close)
	k.url = front.URL
	return k
}

// ServeHTTP passes a request on, unless it is the one at which the binary is to die.
func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	k.mu.Lock()
	run := k.mu.run
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case action == "SendMessageBatch":
		k.open = true
	case run.last == "SendMessageBatch": // the binary has got its answer, since it goes on
		k.open = false
	}
	run.last = action
	if run.on == "" || run.on == action {
		run.n--
	}
	now := run.n == 0
	k.mu.Unlock()
	if now && run.at == before {
		run.kill()
		panic(http.ErrAbortHandler)
	}
	size := k.size()
	answer, text := k.pass(r, body)
	if now && run.at == after {
		run.kill()
		panic(http.ErrAbortHandler)
	}
	if now {
		go run.killWhen(func() bool { // a file that is gone is no step of the work, but its end: there is nothing to take up
			grown := k.size()
			return grown != size && grown > 0
		})
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(text)
}

// pass has the server carry out a request, whether or not the binary lives long enough to see the answer.
func (k *killer) pass(r *http.Request, body []byte) (*http.Response, []byte) {
	on, err := http.NewRequest(r.Method, k.to+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	on.Header = r.Header
	answer, err := http.DefaultClient.Do(on)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return answer, text
}

func (k *killer) size() int64 {
	info, err := os.Stat(k.file)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (r *killRun) killWhen(is func() bool) {
	for !is() {
		select {
		case <-r.dead:
			return
		default:
			runtime.Gosched()
		}
	}
	r.kill()
}

// toTheEnd runs a command until it ends by itself. It calls said with what each run has said on stderr, and whether
// there was an open send when it began.
func (k *killer) toTheEnd(said func(stderr string, open bool), args ...string) string {
	k.t.Helper()
	for {
		var stdout, stderr bytes.Buffer
		run := &killRun{cmd: exec.Command(os.Args[0], args...), dead: make(chan struct{})}
		run.at, run.n = moment(k.kills)%moments, 1+k.rand.IntN(50)
		if k.kills == 0 {
			run.at, run.on = k.first, k.firstOn
		}
		run.cmd.Env = append(os.Environ(), asBinary+"=1", "BUFEO_ENDPOINT_URL="+k.url)
		run.cmd.Stdout, run.cmd.Stderr = &stdout, &stderr
		k.mu.Lock()
		k.mu.run = run
		open := k.open
		err := run.cmd.Start()
		k.mu.Unlock()
		if err != nil {
			k.t.Fatal(err)
		}
		err = run.cmd.Wait()
		close(run.dead)
		said(stderr.String(), open)
		if err == nil {
			k.t.Logf("%d kills", k.kills)
			return stdout.String()
		}
		if !run.killed.Load() {
			k.t.Fatalf("%v: %v\n%s", args, err, stderr.String())
		}
		k.mu.Lock()
		if k.kills++; run.last == "ReceiveMessage" {
			k.lost++
		}
		k.open = k.open || run.at == grown // there may have been a send that did not come here any more
		k.mu.Unlock()
	}
}

const killed = 2000 // messages; a life of the binary is 25 requests on average

// numbers makes sure that queues and files have what they should, and each message once but for what is allowed.
func numbers(t *testing.T, where map[string][]string, extra func(i int) int) (doubled int) {
	t.Helper()
	count := make([]int, killed)
	for name, bodies := range where {
		for _, b := range bodies {
			i, err := strconv.Atoi(b)
			if err != nil {
				t.Fatalf("%s has a body %q", name, b)
			}
			count[i]++
		}
	}
	for i, n := range count {
		switch {
		case n == 0:
			t.Errorf("message %d is lost", i)
		case n > 1+extra(i):
			t.Errorf("message %d is there %d times, want %d at most", i, n, 1+extra(i))
		}
		doubled += max(0, n-1)
	}
	return doubled
}

func never(int) int { return 0 }

// fillNumbered sends numbers, in FIFO queues to 20 groups.
func fillNumbered(t *testing.T, srv *sqstest.Server, queue string) {
	t.Helper()
	var lines strings.Builder
	for i := range killed {
		dedup := ""
		if strings.HasSuffix(queue, ".fifo") {
			dedup = fmt.Sprintf(`,"MessageDeduplicationId":"%d"`, i)
		}
		fmt.Fprintf(&lines, `{"Body":"%d","Attributes":{"MessageGroupId":"g%d"%s}}`+"\n", i, i%20, dedup)
	}
	sh := at(srv)
	sh.ok(t, "queue create "+queue)
	sh.stdin = lines.String()
	sh.ok(t, "send "+queue+" --jsonl")
}

// left are the messages that are left in a queue. They can only be those of receives whose answers nobody had lived to see:
// they are invisible then, and the last command took the queue for empty.
func (k *killer) left(srv *sqstest.Server, queue string) []string {
	k.t.Helper()
	left := srv.Messages(queue)
	if len(left) > 10*k.lost {
		k.t.Errorf("%d messages are left in %s, and %d receives were lost", len(left), queue, k.lost)
	}
	return bodies(left)
}

// TestKill_save: each message is in the file or in the queue, and in one of them.
func TestKill_save(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "orders.fifo"} {
		t.Run(queue, func(t *testing.T) {
			t.Parallel()
			srv := sqstest.New(t)
			fillNumbered(t, srv, queue)
			file := filepath.Join(t.TempDir(), "saved")
			k := newKiller(t, srv, file+sqs.PartialSuffix)
			k.first, k.firstOn = before, "DeleteMessageBatch"
			k.toTheEnd(func(string, bool) {}, "save", queue, file, "--yes", "--wait", "0", "--visibility", "10")
			numbers(t, map[string][]string{"file": recordsIn(t, file), "queue": k.left(srv, queue)}, never)
		})
	}
}

var goingOn = regexp.MustCompile(`going on behind line (\d+); (\d+) messages may be sent a second time`)

// TestKill_load: all messages arrive, and those twice, at most, that a run has called uncertain before it sent them.
func TestKill_load(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"orders", "orders.fifo"} {
		t.Run(queue, func(t *testing.T) {
			t.Parallel()
			srv := sqstest.New(t)
			at(srv).ok(t, "queue create "+queue)
			file := filepath.Join(t.TempDir(), "saved")
			var lines strings.Builder
			for i := range killed {
				fmt.Fprintf(&lines, `{"Body":"%d","Attributes":{"MessageGroupId":"g%d"}}`+"\n", i, i%20)
			}
			if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			k := newKiller(t, srv, file+sqs.LoadingSuffix)
			k.first, k.firstOn = after, "SendMessageBatch"
			uncertain := map[int]int{}
			said := func(stderr string, _ bool) {
				m := goingOn.FindStringSubmatch(stderr)
				if m == nil {
					return
				}
				line, _ := strconv.Atoi(m[1])
				n, _ := strconv.Atoi(m[2])
				if n > 10 {
					t.Errorf("%d messages are uncertain", n)
				}
				for i := range n {
					uncertain[line+i]++ // lines count from 1, messages from 0
				}
			}
			k.toTheEnd(said, "load", file, queue)
			allowed := func(i int) int { return uncertain[i] }
			if queue == "orders.fifo" {
				allowed = never
			}
			doubled := numbers(t, map[string][]string{"queue": bodies(srv.Messages(queue))}, allowed)
			if queue == "orders" && doubled == 0 {
				t.Error("no message is there twice, although requests were carried out whose answers were lost")
			}
			t.Logf("%d messages are there twice", doubled)
		})
	}
}

var goingOnWith = regexp.MustCompile(`going on with .*; (\d+) messages may be sent a second time`)

// TestKill_copy: each message is in the source or in the target, in a FIFO target once, and in a standard one twice only if
// a run has said so before it sent it.
func TestKill_copy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to string }{{"orders", "copied"}, {"orders.fifo", "copied.fifo"}} {
		t.Run(c.to, func(t *testing.T) {
			t.Parallel()
			srv := sqstest.New(t)
			fillNumbered(t, srv, c.from)
			at(srv).ok(t, "queue create "+c.to)
			state := filepath.Join(t.TempDir(), "state")
			k := newKiller(t, srv, state)
			k.first, k.firstOn = after, "SendMessageBatch"
			uncertain := 0
			said := func(stderr string, open bool) {
				m := goingOnWith.FindStringSubmatch(stderr)
				if m == nil {
					return
				}
				n, _ := strconv.Atoi(m[1])
				if n > 10 || n > 0 && !open {
					t.Errorf("%d messages are uncertain; is there any that can be? %v", n, open)
				}
				uncertain += n
			}
			k.toTheEnd(said, "copy", c.from, c.to, "--yes", "--wait", "0", "--visibility", "10", "--state", state)
			allowed := func(int) int { return k.kills }
			if c.to == "copied.fifo" {
				allowed = never
			}
			copied := srv.Messages(c.to)
			if c.to == "copied.fifo" {
				last := map[string]int{}
				for _, m := range copied {
					i, _ := strconv.Atoi(m.Body)
					if i < last[m.GroupID] {
						t.Errorf("group %s: %d after %d", m.GroupID, i, last[m.GroupID])
					}
					last[m.GroupID] = i
				}
			}
			doubled := numbers(t, map[string][]string{"target": bodies(copied), "source": k.left(srv, c.from)}, allowed)
			if doubled > uncertain || c.to == "copied" && doubled == 0 {
				t.Errorf("%d messages are there twice, %d were called uncertain", doubled, uncertain)
			}
			t.Logf("%d messages are there twice, %d were called uncertain", doubled, uncertain)
		})
	}
}
