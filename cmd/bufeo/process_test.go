//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bufeo is the binary that the tests of this package run.
var bufeo string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bufeo")
	if err != nil {
		panic(err)
	}
	bufeo = filepath.Join(dir, "bufeo")
	build := exec.Command("go", "build", "-o", bufeo, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// patience is how long anything may take before a test gives up on it.
const patience = 60 * time.Second

// run runs the binary to its end, with an empty environment.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, bufeo, args...)
	cmd.Env = []string{}
	cmd.Dir = t.TempDir()
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), talk.String()
}

// process is a running `bufeo serve`.
type process struct {
	cmd    *exec.Cmd
	url    string // where it listens, as it says
	banner []string
	stderr string // a file
	exited chan struct{}
}

// serve starts `bufeo serve` on a free port, with nothing but environ around it, and waits until it is ready.
func serve(t *testing.T, environ []string, flags ...string) *process {
	t.Helper()
	talk, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer talk.Close()
	p := &process{stderr: talk.Name(), exited: make(chan struct{})}
	p.cmd = exec.Command(bufeo, append([]string{"serve"}, flags...)...)
	p.cmd.Env = append([]string{"BUFEO_LISTEN=127.0.0.1:0"}, environ...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = talk
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.exited
	})
	lines := make(chan string)
	go func() {
		for s := bufio.NewScanner(stdout); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
		p.cmd.Wait()
		close(p.exited)
	}()
	p.readBanner(t, lines)
	return p
}

// readBanner reads what the server prints when it is ready, up to its last line, that of the AWS CLI.
func (p *process) readBanner(t *testing.T, lines <-chan string) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("it ended before it was ready: %s", p.log(t))
			}
			p.banner = append(p.banner, line)
			if base, ok := strings.CutPrefix(line, "bufeo listens on "); ok {
				p.url = base
			}
			if strings.Contains(line, " aws ") {
				go drain(lines)
				return
			}
		case <-late:
			t.Fatalf("not ready after %v: %s", patience, p.log(t))
		}
	}
}

func drain(lines <-chan string) {
	for range lines {
	}
}

// log is what the process has written to stderr.
func (p *process) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(p.stderr)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// waitForLog waits until stderr has the text.
func (p *process) waitForLog(t *testing.T, text string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !strings.Contains(p.log(t), text) {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("not on stderr after %v: %s", patience, text)
		}
	}
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// wait returns the exit code; -1 after SIGKILL.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("still running after %v: %s", patience, p.log(t))
		return 0
	}
}

// stop ends the process as a supervisor would.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != 0 {
		t.Errorf("exit %d after SIGTERM: %s", code, p.log(t))
	}
}

func (p *process) address() string { return strings.TrimPrefix(p.url, "http://") }

func (p *process) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

func (p *process) get(t *testing.T, path string) (code int, body string) {
	t.Helper()
	answer, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, readAll(t, answer.Body)
}

// query performs an action over the Query protocol, which must succeed, and returns the XML.
func (p *process) query(t *testing.T, queue, action string, parameters ...string) string {
	t.Helper()
	form := url.Values{"Action": {action}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	path := "/"
	if queue != "" {
		path = "/000000000000/" + queue
	}
	answer, err := http.PostForm(p.url+path, form)
	if err != nil {
		t.Fatal(err)
	}
	body := readAll(t, answer.Body)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %s: %s", action, answer.Status, body)
	}
	return body
}

func readAll(t *testing.T, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// elements returns the texts of all XML elements of a name.
func elements(xml, name string) (texts []string) {
	for _, m := range regexp.MustCompile("<"+name+">([^<]*)</"+name+">").FindAllStringSubmatch(xml, -1) {
		texts = append(texts, m[1])
	}
	return texts
}

// tool finds a program that the tests need: by the variable, which must name it, or in PATH.
func tool(t *testing.T, name, variable string) (dir string) {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		found, err := exec.LookPath(name)
		if err != nil {
			t.Fatalf("this test runs the program %s, which is not in PATH: install it, or name it with %s=/path/to/%[1]s", name, variable)
		}
		path = found
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) || filepath.Base(path) != name {
		t.Fatalf("%s is %s, want the path of the program %s", variable, path, name)
	}
	return filepath.Dir(path)
}
