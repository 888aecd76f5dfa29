//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The lines that serve prints are for people who have never used AWS: they must work as they are.
func TestServe_pasted_lines_work(t *testing.T) {
	path := tool(t, "aws", "BUFEO_TEST_AWS") + ":" + tool(t, "curl", "BUFEO_TEST_CURL") + ":" + os.Getenv("PATH")
	for _, c := range []struct {
		name  string
		flags []string
	}{
		{"on_ipv4", nil},
		{"in_another_region", []string{"--region", "eu-west-1"}}, // IPv6, which not every machine has, is in internal/cli
		{"on_all_addresses", []string{"--listen", "0.0.0.0:0", "--insecure-accept-any-credentials"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, nil, c.flags...)
			lines := slices.DeleteFunc(p.banner, func(l string) bool { return !strings.Contains(l, "http://") || strings.HasPrefix(l, "bufeo") })
			if len(lines) != 2 {
				t.Fatalf("got %q, want a line for curl and one for aws", lines)
			}
			for _, line := range lines {
				cmd := exec.CommandContext(t.Context(), "env", "-i", "PATH="+path, "HOME="+t.TempDir(), "sh", "-c", line)
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), p.url+"/000000000000/hello") {
					t.Errorf("%s\n%v: %s", line, err, out)
				}
			}
			p.stop(t)
		})
	}
}

func TestServe_environment_and_flags(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "queues")
	p := serve(t, []string{"BUFEO_DATA=" + dir, "BUFEO_REGION=eu-north-1", "BUFEO_ACCOUNT_ID=123456789012", "BUFEO_LOG_LEVEL=error"},
		"--account-id", "210987654321")
	if want := "Its data is in " + dir; !slices.Contains(p.banner, want) {
		t.Errorf("got %q, want %s", p.banner, want)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
	if got := strings.Join(p.banner, "\n"); !strings.Contains(got, "AWS_DEFAULT_REGION=eu-north-1 ") {
		t.Errorf("got %s, want the region", got)
	}
	p.query(t, "", "CreateQueue", "QueueName", "q")
	_, xml := p.get(t, "/210987654321/q?Action=GetQueueAttributes&AttributeName=QueueArn")
	if want := "arn:aws:sqs:eu-north-1:210987654321:q"; !strings.Contains(xml, want) {
		t.Errorf("got %s, want %s: the flag beats the variable", xml, want)
	}
	p.stop(t)
	if got := p.log(t); got != "" {
		t.Errorf("log level error: got %s", got)
	}
}

func TestServe_data_is_relative_to_the_working_directory(t *testing.T) {
	p := serve(t, nil)
	dir, err := filepath.EvalSymlinks(p.cmd.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Its data is in " + filepath.Join(dir, "bufeo-data"); !slices.Contains(p.banner, want) {
		t.Errorf("got %q, want %s", p.banner, want)
	}
	p.stop(t)
}

func TestServe_health(t *testing.T) {
	p := serve(t, nil)
	for path, want := range map[string]string{"/livez": "ok", "/readyz": "ready"} {
		if code, body := p.get(t, path); code != 200 || strings.TrimSpace(body) != want {
			t.Errorf("%s: got %d %s, want 200 %s", path, code, body, want)
		}
	}
	code, body := p.get(t, "/health")
	var health struct {
		Status, Version string
		Uptime          float64 `json:"uptime_seconds"`
	}
	if err := json.Unmarshal([]byte(body), &health); err != nil || code != 200 || health.Status != "ready" || health.Version == "" || health.Uptime <= 0 {
		t.Errorf("got %d %s (%v)", code, body, err)
	}
	p.stop(t)
}

func TestServe_signals_stop_it_cleanly(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			p := serve(t, nil)
			p.query(t, "", "CreateQueue", "QueueName", "q")

			poll := p.beginLongPoll(t)
			slow := p.dial(t) // what was begun is finished: the server stays for this one
			slowAnswer := expectContinue(t, slow, "/", len("Action=ListQueues"))
			p.signal(t, s)

			answer := readResponse(t, poll)
			if xml := readAll(t, answer.Body); answer.StatusCode != 200 || strings.Contains(xml, "<Message>") {
				t.Errorf("long poll: got %s %s, want 200 and no message", answer.Status, xml)
			}
			if code, text := p.get(t, "/readyz"); code != 503 || text != "stopping\n" {
				t.Errorf("/readyz: got %d %s, want 503 stopping", code, text)
			}
			if code, text := p.get(t, "/livez"); code != 200 {
				t.Errorf("/livez: got %d %s, want 200", code, text)
			}
			if code, text := p.get(t, "/?Action=ListQueues"); code != 503 {
				t.Errorf("new request: got %d %s, want 503", code, text)
			}
			io.WriteString(slow, "Action=ListQueues")
			answer = readResponse(t, slowAnswer)
			if xml := readAll(t, answer.Body); answer.StatusCode != 200 || !strings.Contains(xml, "/q</QueueUrl>") {
				t.Errorf("slow request: got %s %s, want 200 and the queue", answer.Status, xml)
			}
			if code := p.wait(t); code != 0 {
				t.Errorf("exit %d, want 0: %s", code, p.log(t))
			}
			if got := p.log(t); !strings.Contains(got, `"msg":"stopped"`) {
				t.Errorf("log: got %s", got)
			}
		})
	}
}

// beginLongPoll returns when the server has begun to work on a ReceiveMessage: it asks for the body then, and gets it.
func (p *process) beginLongPoll(t *testing.T) *bufio.Reader {
	t.Helper()
	c := p.dial(t)
	body := "Action=ReceiveMessage&WaitTimeSeconds=20"
	answers := expectContinue(t, c, "/000000000000/q", len(body))
	io.WriteString(c, body)
	return answers
}

// expectContinue sends the header of a request, and returns when the server wants to read the body.
func expectContinue(t *testing.T, c net.Conn, path string, length int) *bufio.Reader {
	t.Helper()
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", path, length)
	answers := bufio.NewReader(c)
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if got, err := answers.ReadString('\n'); got != want {
			t.Fatalf("got %q, want %q (%v)", got, want, err)
		}
	}
	return answers
}

func readResponse(t *testing.T, r *bufio.Reader) *http.Response {
	t.Helper()
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestServe_second_signal_exits_at_once(t *testing.T) {
	p := serve(t, nil)
	expectContinue(t, p.dial(t), "/", 1) // a request that the first signal waits for
	p.signal(t, syscall.SIGTERM)
	p.waitForLog(t, "stopping")
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != 1 {
		t.Errorf("exit %d, want 1", code)
	}
	if got := p.log(t); !strings.Contains(got, "terminated while stopping, exiting at once") {
		t.Errorf("got %s", got)
	}
}

func TestServe_shutdown_timeout(t *testing.T) {
	p := serve(t, nil, "--shutdown-timeout", "50ms")
	expectContinue(t, p.dial(t), "/", 1)
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != 1 {
		t.Errorf("exit %d, want 1", code)
	}
	if got := p.log(t); !strings.Contains(got, "1 request(s) were cut off") || !strings.Contains(got, "--shutdown-timeout") {
		t.Errorf("got %s", got)
	}
}

func TestServe_kill_keeps_what_was_answered(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, nil, "--data", dir)
	p.query(t, "", "CreateQueue", "QueueName", "q")
	for i := range 20 {
		p.query(t, "q", "SendMessage", "MessageBody", fmt.Sprint("message ", i))
	}
	received := p.query(t, "q", "ReceiveMessage", "MaxNumberOfMessages", "10", "VisibilityTimeout", "3600")
	inFlight := elements(received, "Body")
	if len(inFlight) == 0 {
		t.Fatal(received)
	}
	deleted := inFlight[0]
	p.query(t, "q", "DeleteMessage", "ReceiptHandle", elements(received, "ReceiptHandle")[0])
	p.signal(t, syscall.SIGKILL)
	p.wait(t)

	p = serve(t, nil, "--data", dir)
	want := map[string]bool{}
	for i := range 20 {
		if body := fmt.Sprint("message ", i); !slices.Contains(inFlight, body) {
			want[body] = true
		}
	}
	for {
		bodies := elements(p.query(t, "q", "ReceiveMessage", "MaxNumberOfMessages", "10"), "Body")
		if len(bodies) == 0 {
			break
		}
		for _, b := range bodies {
			if !want[b] {
				t.Errorf("got %q, which was in flight or deleted (%q was deleted)", b, deleted)
			}
			delete(want, b)
		}
	}
	if len(want) > 0 {
		t.Errorf("lost %v", want)
	}
	p.stop(t)
}

func TestServe_second_server_on_the_same_folder(t *testing.T) {
	dir := t.TempDir()
	p := serve(t, nil, "--data", dir)
	code, stdout, stderr := run(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	want := "bufeo: cannot open the data folder " + dir + ": data folder is in use by another process\n" +
		"hint: stop the other server, or give this one a folder of its own with --data (BUFEO_DATA)\n"
	if code != 1 || stdout != "" || stderr != want {
		t.Errorf("got exit %d, %q, %s, want 1 and %s", code, stdout, stderr, want)
	}
	p.stop(t)
}

func TestServe_refuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "damaged")
	serve(t, nil, "--data", damaged).stop(t)
	manifests, _ := filepath.Glob(filepath.Join(damaged, "MANIFEST-*"))
	for _, m := range manifests {
		if err := os.WriteFile(m, []byte("no manifest"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		flags []string
		code  int
		want  []string
	}{
		{"addresses_beyond_loopback", []string{"--listen", "0.0.0.0:0", "--data", filepath.Join(dir, "a")}, 1,
			[]string{"refusing to listen on 0.0.0.0:", "--insecure-accept-any-credentials"}},
		{"all_addresses", []string{"--listen", ":0", "--data", filepath.Join(dir, "a")}, 1,
			[]string{"refusing to listen on [::]:", "--insecure-accept-any-credentials"}},
		{"folder_that_cannot_be_made", []string{"--listen", "127.0.0.1:0", "--data", filepath.Join(file, "q")}, 1,
			[]string{"cannot create the data folder " + file, "hint: choose a folder"}},
		{"damaged_store", []string{"--listen", "127.0.0.1:0", "--data", damaged}, 70,
			[]string{"cannot open the store in " + damaged, "hint: "}},
		{"unknown_flag", []string{"--lisen", ":1"}, 2,
			[]string{"unknown flag --lisen; did you mean --listen?"}},
		{"bad_value", []string{"--log-level", "loud"}, 2,
			[]string{`--log-level is "loud", want debug, info, warn or error`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := run(t, append([]string{"serve"}, c.flags...)...)
			if code != c.code || stdout != "" {
				t.Errorf("got exit %d and %q on stdout, want exit %d and nothing", code, stdout, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("got %s, want %s", stderr, want)
				}
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); !os.IsNotExist(err) {
		t.Errorf("a server that was refused made its data folder (%v)", err)
	}
}

func TestServe_warns_of_unchecked_credentials_at_each_start(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		p := serve(t, nil, "--data", dir, "--listen", "0.0.0.0:0", "--insecure-accept-any-credentials")
		p.stop(t)
		if got := p.log(t); strings.Count(got, `"level":"WARN","msg":"credentials are not checked`) != 1 {
			t.Errorf("got %s", got)
		}
	}
}

func TestVersion_and_help(t *testing.T) {
	for args, want := range map[string]string{
		"version":        "bufeo ",
		"version --json": `{"version":`,
		"help":           "bufeo is a message queue",
		"help serve":     "Serve queues to any SQS client",
	} {
		code, stdout, stderr := run(t, strings.Fields(args)...)
		if code != 0 || !strings.HasPrefix(stdout, want) || stderr != "" {
			t.Errorf("%s: got exit %d, %s, %s", args, code, stdout, stderr)
		}
	}
}
