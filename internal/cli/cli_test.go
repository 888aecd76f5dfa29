package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/config"
	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/server"
)

type result struct {
	code           int
	stdout, stderr string
}

func run(environ []string, args ...string) result {
	return shell{environ: environ}.run(args...)
}

// shell is the world around a command.
type shell struct {
	environ  []string
	stdin    string
	input    io.Reader // instead of stdin
	terminal bool      // all three streams are one
	notify   func(chan<- os.Signal)
}

func (s shell) run(args ...string) result {
	var stdout, stderr bytes.Buffer
	code := s.process(&stdout, &stderr, args...).Run(context.Background())
	return result{code, stdout.String(), stderr.String()}
}

func (s shell) process(stdout, stderr io.Writer, args ...string) *Process {
	vars := map[string]string{}
	for _, e := range s.environ {
		name, value, _ := strings.Cut(e, "=")
		vars[name] = value
	}
	p := &Process{
		Args:     args,
		Environ:  s.environ,
		Getenv:   func(n string) string { return vars[n] },
		Stdin:    strings.NewReader(s.stdin),
		Stdout:   stdout,
		Stderr:   stderr,
		Notify:   s.notify,
		Exit:     func(int) { panic("exit") },
		Terminal: func(any) bool { return s.terminal },
	}
	if s.input != nil {
		p.Stdin = s.input
	}
	if p.Notify == nil {
		p.Notify = func(chan<- os.Signal) {}
	}
	return p
}

func TestVersion(t *testing.T) {
	b := obs.ThisBuild()
	r := run(nil, "version")
	if got, want := r.stdout, versionLine(b)+"\n"; r.code != 0 || got != want {
		t.Errorf("exit %d, got %q, want %q", r.code, got, want)
	}
	if got, want := run(nil, "--version"), r; got != want {
		t.Errorf("--version: got %+v, want %+v", got, want)
	}
	var fromJSON obs.Build
	if err := json.Unmarshal([]byte(run(nil, "version", "--json").stdout), &fromJSON); err != nil || fromJSON != b {
		t.Errorf("--json: got %+v, %v, want %+v", fromJSON, err, b)
	}
}

func TestVersionLine(t *testing.T) {
	b := obs.Build{Version: "v1.2.3", Revision: "3f2c1ab0123456789", Time: "2026-01-02T03:04:05Z", Modified: true, Go: "go1.26.0", Platform: "linux/amd64"}
	if got, want := versionLine(b), "bufeo v1.2.3 (3f2c1ab01234 2026-01-02T03:04:05Z, modified) go1.26.0 linux/amd64"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{errors.New("anything"), 1},
		{&server.Error{Text: "x", Err: server.ErrLocked}, 1},
		{&usageError{"x", "y"}, 2},
		{&config.Error{}, 2},
		{&server.Error{Text: "x", Err: fmt.Errorf("%w: bad block", server.ErrStore)}, 70},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
	}
}

func TestBanner(t *testing.T) {
	for _, c := range []struct {
		name string
		addr net.Addr
		want []string
	}{
		{"loopback", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9324}, []string{
			"bufeo listens on http://127.0.0.1:9324",
			"Its data is in /srv/q",
			"curl 'http://127.0.0.1:9324/?Action=CreateQueue&QueueName=hello'",
			"AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=eu-west-1 aws --endpoint-url http://127.0.0.1:9324 sqs create-queue --queue-name hello",
		}},
		{"ipv6", &net.TCPAddr{IP: net.IPv6loopback, Port: 1}, []string{
			"curl 'http://[::1]:1/?Action=CreateQueue&QueueName=hello'",
			"aws --endpoint-url 'http://[::1]:1' sqs",
		}},
		{"all_ipv4", &net.TCPAddr{IP: net.IPv4zero, Port: 80}, []string{"listens on http://127.0.0.1:80\n"}},
		{"all", &net.TCPAddr{IP: net.IPv6unspecified, Port: 80}, []string{"listens on http://127.0.0.1:80\n"}},
		{"other_interface", &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}, []string{"listens on http://10.0.0.1:80\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := banner(c.addr, &config.Config{Server: server.Options{DataDir: "/srv/q", Region: "eu-west-1"}})
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got:\n%swant in it:\n%s", got, want)
				}
			}
		})
	}
}

func TestListen_port_in_use(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := run(nil, "serve", "--data", t.TempDir(), "--listen", l.Addr().String())
	want := "bufeo: cannot listen on " + l.Addr().String() + ": address already in use\n" +
		"hint: stop the program that has the port, or choose another with --listen (BUFEO_LISTEN); port 0 takes a free one\n"
	if runtime.GOOS == "windows" { // which words it differently
		want = r.stderr
	}
	if r.code != 1 || r.stderr != want {
		t.Errorf("exit %d, got %s, want %s", r.code, r.stderr, want)
	}
}

func TestServe_misspelt_variable(t *testing.T) {
	r := run([]string{"BUFEO_LOGLEVEL=debug"}, "serve", "--listen", "203.0.113.1:1")
	if !strings.Contains(r.stderr, "did you mean BUFEO_LOG_LEVEL?") {
		t.Errorf("got %s", r.stderr)
	}
}
