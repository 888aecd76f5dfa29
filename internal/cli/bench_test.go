package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/bufeomq/bufeo/sqstest"
)

// served starts `bufeo serve` as a process of its own, with its data on disk.
func served(t *testing.T) (sh shell, pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	cmd.Env = append(os.Environ(), asBinary+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var text []byte
	for buf := make([]byte, 1000); ; {
		n, err := out.Read(buf)
		text = append(text, buf[:n]...)
		if m := regexp.MustCompile(`http://[0-9.:]+\b`).Find(text); m != nil {
			return shell{environ: []string{"BUFEO_ENDPOINT_URL=" + string(m)}}, cmd.Process.Pid
		}
		if err != nil {
			t.Fatalf("it does not listen: %v\n%s", err, text)
		}
	}
}

// TestBench_of_serve measures the real thing in each operation, and believes what it says of messages.
func TestBench_of_serve(t *testing.T) {
	sh, pid := served(t)
	for _, c := range []struct {
		line  string
		check func(r benchResult) bool
	}{
		{"send --batch 10", func(r benchResult) bool { return r.Messages == 10*r.Requests }},
		{"send --protocol query", func(r benchResult) bool { return r.Messages == r.Requests }},
		{"cycle", func(r benchResult) bool { return r.Batch == 1 && r.Requests >= 2*r.Messages }},
		{"cycle --batch 7 --protocol query --size 1000", func(r benchResult) bool { return r.Batch == 7 && r.Size == 1000 }},
		{"cycle --batch 10 --rate 200", func(r benchResult) bool { return r.Rate == 200 && r.Messages+10*r.Unsent >= 60 }},
		{"backlog --backlog 500 --batch 10", func(r benchResult) bool { return r.Acknowledged >= r.Messages+500 }},
		{"fifo --groups 20 --batch 10", func(r benchResult) bool { return r.Messages > 0 }},
		{"fifo --groups 1 --protocol query", func(r benchResult) bool { return r.Messages > 0 }},
		{"wake", func(r benchResult) bool { return r.AfterAnswerP99 <= r.LatencyP99 && r.Acknowledged == r.Messages }},
	} {
		t.Run(c.line, func(t *testing.T) {
			line := fmt.Sprintf("bench %s --duration 300ms --warm-up 50ms --connections 4 --min 5 --server-pid %d", c.line, pid)
			r := into[benchResult](t, sh.ok(t, line))
			if !r.OK || r.Errors+r.Lost+r.Doubled+r.Surplus+r.OutOfOrder > 0 || r.Acknowledged < r.Messages {
				t.Errorf("got %+v", r)
			}
			if !c.check(r) || r.Messages == 0 || r.MessagesPerSecond <= 0 || r.LatencyP50 <= 0 || r.LatencyP99 < r.LatencyP50 || r.LatencyMax < r.LatencyP999 {
				t.Errorf("got %+v", r)
			}
		})
	}
	if got := sh.ok(t, "queue list --output text"); got != "" {
		t.Errorf("these queues are left over:\n%s", got)
	}
	t.Run("processor time", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			return // it is not known elsewhere
		}
		// As long as it takes for a tick of the clock that the kernel counts with.
		r := into[benchResult](t, sh.ok(t, fmt.Sprintf("bench cycle --duration 1s --server-pid %d", pid)))
		if r.GeneratorCPU <= 0 || r.ServerCPU <= 0 {
			t.Errorf("got %v and %v microseconds a message", r.GeneratorCPU, r.ServerCPU)
		}
	})
	t.Run("forms", func(t *testing.T) {
		const line = "bench send --duration 100ms --warm-up 0 --min 1 --output "
		if got := sh.ok(t, line+"text"); !strings.HasPrefix(got, "Operation\tsend\nEndpoint\thttp://127.0.0.1:") || !strings.HasSuffix(got, "OK\ttrue\n") {
			t.Errorf("got %s", got)
		}
		if got := sh.ok(t, line+"table"); !strings.Contains(got, "bench send") || !strings.Contains(got, "|  MessagesPerSecond ") {
			t.Errorf("got %s", got)
		}
	})
}

// liar stands in front of a real server and does to every tenth SendMessage what a server must not do.
type liar struct {
	to    string
	sends atomic.Int64
	lie   func(l *liar, body []byte, r *http.Request) (answer string, lied bool)
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.Header.Get("X-Amz-Target") == "AmazonSQS.SendMessage" && l.sends.Add(1)%10 == 0 {
		if answer, lied := l.lie(l, body, r); lied {
			_, _ = io.WriteString(w, answer)
			return
		}
	}
	status, answer := l.pass(r, body)
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func (l *liar) pass(r *http.Request, body []byte) (int, []byte) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, l.to+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadGateway, nil
	}
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return http.StatusBadGateway, nil
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, answer
}

// TestBench_of_a_liar is the check of the check: what a server does wrong is in the counts, in stderr and the exit code.
func TestBench_of_a_liar(t *testing.T) {
	const sent = `{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274","MD5OfMessageBody":"0123456789abcdef0123456789abcdef"}`
	forget := func(*liar, []byte, *http.Request) (string, bool) { return sent, true }
	double := func(l *liar, body []byte, r *http.Request) (string, bool) { l.pass(r, body); return "", false }
	nothing := func(*liar, []byte, *http.Request) (string, bool) { return "{}", true }
	for _, c := range []struct {
		name  string
		lie   func(*liar, []byte, *http.Request) (string, bool)
		found func(r benchResult, sends int) bool
		says  string
	}{
		{"forgets", forget, func(r benchResult, sends int) bool { return r.Lost == sends/10 && r.Acknowledged == sends }, "were lost"},
		{"doubles", double, func(r benchResult, sends int) bool { return r.Doubled == sends/10 && r.Lost == 0 }, "came twice"},
		{"answers nothing", nothing, func(r benchResult, sends int) bool { return r.Errors == sends/10 && r.Acknowledged == sends-sends/10 }, "0 of 1 entries confirmed"},
	} {
		for _, operation := range []string{"send", "cycle"} {
			t.Run(c.name+"/"+operation, func(t *testing.T) {
				l := &liar{to: sqstest.New(t).URL(), lie: c.lie}
				front := httptest.NewServer(l)
				defer front.Close()
				sh := shell{environ: []string{"BUFEO_ENDPOINT_URL=" + front.URL}}
				r := sh.run("bench", operation, "--duration", "200ms", "--warm-up", "0", "--connections", "2", "--min", "1")
				got := into[benchResult](t, r.stdout)
				if r.code != 1 || got.OK || !c.found(got, int(l.sends.Load())) {
					t.Errorf("exit %d, got %+v of %d sends", r.code, got, l.sends.Load())
				}
				if !strings.Contains(r.stderr, c.says) || !strings.Contains(r.stderr, "\nhint: ") {
					t.Errorf("got %s, want %q", r.stderr, c.says)
				}
			})
		}
	}
}

func TestBench_interrupted(t *testing.T) {
	sh := at(sqstest.New(t))
	signals := make(chan chan<- os.Signal, 1)
	sh.notify = func(c chan<- os.Signal) { signals <- c }
	var stdout, stderr bytes.Buffer
	p := sh.process(&stdout, &stderr, "bench", "cycle", "--duration", "1h", "--warm-up", "0")
	p.Stderr = listening(func(b []byte) {
		if bytes.Contains(b, []byte("measuring")) {
			(<-signals) <- syscall.SIGINT
		}
		stderr.Write(b)
	})
	if code := p.Run(context.Background()); code != 1 || stdout.Len() > 0 || !strings.HasSuffix(stderr.String(), "bufeo: interrupted\n") {
		t.Errorf("exit %d, got %s%s", code, &stdout, &stderr)
	}
	if got := sh.ok(t, "queue list --output text"); got != "" {
		t.Errorf("these queues are left over:\n%s", got)
	}
}

// listening is a writer that looks at what is written.
type listening func(b []byte)

func (f listening) Write(b []byte) (int, error) { f(b); return len(b), nil }

// TestBench_signs if there are keys, and else carries what other servers look for in a signature.
func TestBench_signs(t *testing.T) {
	for _, c := range []struct{ environ, flags, want string }{
		{"", "", "Credential=bufeo/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0000"},
		{"AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=s AWS_REGION=eu-west-3", "", "/eu-west-3/sqs/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target, Signature="},
		{"AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=s", "--unsigned --region eu-west-3", "Credential=bufeo/20260101/eu-west-3/sqs"},
	} {
		l := &liar{to: sqstest.New(t).URL(), lie: func(*liar, []byte, *http.Request) (string, bool) { return "", false }}
		var wrong atomic.Value
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Authorization"); !strings.Contains(got, c.want) {
				wrong.Store(got)
			}
			l.ServeHTTP(w, r)
		}))
		sh := shell{environ: append(strings.Fields(c.environ), "BUFEO_ENDPOINT_URL="+front.URL)}
		sh.ok(t, "bench send --duration 50ms --warm-up 0 --min 1 "+c.flags)
		if got := wrong.Load(); got != nil {
			t.Errorf("%s: got %s, want %s", c.environ, got, c.want)
		}
		front.Close()
	}
}

func TestBench_mistakes(t *testing.T) {
	for line, want := range map[string]string{
		"bench":                   "bench wants one operation: send, cycle, backlog, fifo, wake",
		"bench fly":               "bench wants one operation",
		"bench send cycle":        "bench wants one operation",
		"bench send --batch 11":   "batch is 11, want 1 to 10",
		"bench send --size 3":     "size is 3, want 16 to",
		"bench wake --rate 5":     "wake sends one message at a time",
		"bench send --duration x": "want a duration",
		"bench send --endpoint-url http://127.0.0.1:1 --aws": "contradict each other",
		"bench send --aws": "--aws wants a region",
	} {
		r := run(nil, strings.Fields(line)...)
		if r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, want) || !strings.Contains(r.stderr, "\nhint: ") {
			t.Errorf("%s: got exit %d, %s%s", line, r.code, r.stdout, r.stderr)
		}
	}
	// Keys that happen to be there lead nowhere but to this machine, and an endpoint of Amazon's wants some.
	r := run(nil, "bench", "send", "--endpoint-url", "https://sqs.eu-west-1.amazonaws.com")
	if r.code != 1 || !strings.Contains(r.stderr, "no keys for Amazon SQS") {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
}
