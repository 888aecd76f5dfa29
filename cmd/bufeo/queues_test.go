//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func writeQueues(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *process) attribute(t *testing.T, queue, name string) string {
	t.Helper()
	values := elements(p.query(t, queue, "GetQueueAttributes", "AttributeName.1", name), "Value")
	return strings.Join(values, " ")
}

func TestQueues_at_start_and_on_SIGHUP(t *testing.T) {
	dir := t.TempDir()
	file, data := filepath.Join(dir, "queues.yaml"), filepath.Join(dir, "data")
	const first = "queues:\n" +
		"- name: orders\n  attributes: {VisibilityTimeout: 60}\n  deadLetter: {queue: dead, maxReceiveCount: 3}\n" +
		"- name: dead\n- name: pay.fifo\n"
	writeQueues(t, file, first)
	p := serve(t, nil, "--data", data, "--queues", file)
	if got := p.attribute(t, "orders", "VisibilityTimeout"); got != "60" {
		t.Errorf("got %s, want 60", got)
	}
	if got, want := p.attribute(t, "orders", "RedrivePolicy"), "us-east-1:000000000000:dead"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := p.attribute(t, "pay.fifo", "FifoQueue"); got != "true" {
		t.Errorf("got %s, want true", got)
	}
	p.query(t, "orders", "SendMessage", "MessageBody", "kept")
	p.query(t, "", "CreateQueue", "QueueName", "by-hand")

	writeQueues(t, file, strings.Replace(first, "60", "90", 1)+"- new\n")
	p.signal(t, syscall.SIGHUP)
	p.waitForLog(t, `"created":1,"changed":1,"unchanged":2`)
	if got := p.attribute(t, "orders", "VisibilityTimeout"); got != "90" {
		t.Errorf("got %s, want 90", got)
	}
	p.query(t, "new", "GetQueueAttributes")

	writeQueues(t, file, strings.Replace(first, "60", "120", 1)+"- name: later\n  attributes: {DelaySeconds: 901}\n- name: x.fifo\n  attributes: {FifoQueue: false}\n")
	p.signal(t, syscall.SIGHUP)
	p.waitForLog(t, "file of queues was not applied")
	for _, want := range []string{`"line":8,"error":"queue later: DelaySeconds is \"901\"`, `"line":10,"error":"queue x.fifo: FifoQueue is \"false\"`} {
		if got := p.log(t); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := p.attribute(t, "orders", "VisibilityTimeout"); got != "90" {
		t.Errorf("a file with a mistake was applied: got %s, want 90", got)
	}

	writeQueues(t, file, "queues: [dead]\n")
	p.signal(t, syscall.SIGHUP)
	p.waitForLog(t, `"created":0,"changed":0,"unchanged":1`)
	if got := elements(p.query(t, "", "ListQueues"), "QueueUrl"); len(got) != 5 {
		t.Errorf("got %q, want all 5 queues", got)
	}
	if got := elements(p.query(t, "orders", "ReceiveMessage"), "Body"); len(got) != 1 || got[0] != "kept" {
		t.Errorf("got %q, want the message", got)
	}
	p.stop(t)
}

func TestQueues_mistakes_stop_the_start(t *testing.T) {
	file := filepath.Join(t.TempDir(), "queues.yaml")
	writeQueues(t, file, "queues:\n- name: a\n  attributes: {VisibilityTimeout: 43201}\n- name: b\n  tag: {}\n")
	code, stdout, stderr := run(t, "serve", "--listen", "127.0.0.1:0", "--queues", file)
	want := "bufeo: the file of queues cannot be used: 2 mistakes\n" +
		file + ":3: queue a: VisibilityTimeout is \"43201\", want 0 to 43200: Invalid value for the parameter VisibilityTimeout.\n" +
		file + ":5: queue b has no tag; did you mean tags?\n" +
		"hint: nothing was changed; mend the file, and look at what it would do with --queues-check\n"
	if code != 2 || stdout != "" || stderr != want {
		t.Errorf("got exit %d, %q\n%s\nwant 2 and\n%s", code, stdout, stderr, want)
	}
}

func TestQueues_check(t *testing.T) {
	dir := t.TempDir()
	file, data := filepath.Join(dir, "queues.yaml"), filepath.Join(dir, "data")
	writeQueues(t, file, "queues:\n- name: q\n  attributes: {DelaySeconds: 1}\n")
	check := func(wantCode int, wantOut, wantTalk string, flags ...string) {
		t.Helper()
		code, stdout, stderr := run(t, append([]string{"serve", "--queues", file, "--data", data, "--queues-check"}, flags...)...)
		if code != wantCode || stdout != wantOut || !strings.Contains(stderr, wantTalk) {
			t.Errorf("got exit %d\n%s%s\nwant exit %d\n%s%s", code, stdout, stderr, wantCode, wantOut, wantTalk)
		}
	}
	check(1, "create  q\ncreate  q  DelaySeconds = 1\n", "1 to create, 0 to change, 0 ok\n")

	p := serve(t, nil, "--queues", file, "--data", data)
	listen := []string{"--listen", p.address()}
	check(0, "ok      q\nok      q  DelaySeconds = 1\n", data+" is in use: compared with the server at "+p.url+"\n", listen...)
	writeQueues(t, file, "queues:\n- name: q\n  attributes: {DelaySeconds: 2}\n")
	check(1, "change  q\nchange  q  DelaySeconds = 2 (is 1)\n", "0 to create, 1 to change, 0 ok\n", listen...)
	check(2, "", "is in use, and its server cannot be asked at http://127.0.0.1:1: ", "--listen", "127.0.0.1:1")
	p.stop(t)

	check(1, "change  q\nchange  q  DelaySeconds = 2 (is 1)\n", "0 to create, 1 to change, 0 ok\n")
	serve(t, nil, "--queues", file, "--data", data).stop(t)
	check(0, "ok      q\nok      q  DelaySeconds = 2\n", "0 to create, 0 to change, 1 ok\n")
	writeQueues(t, file, "queues: q\n")
	check(2, "", file+`:1: queues is "q", want a list`)
}

func TestQueues_created_on_first_use(t *testing.T) {
	p := serve(t, []string{"BUFEO_AUTO_CREATE_QUEUES=true"})
	p.query(t, "on-the-fly", "SendMessage", "MessageBody", "m")
	if _, xml := p.get(t, "/_aws/sqs/messages/us-east-1/000000000000/on-the-fly"); !strings.Contains(xml, "<Body>m</Body>") {
		t.Errorf("got %s, want the message", xml)
	}
	p.stop(t)
}

// Without a file there is nothing to read again, and a server should end with its terminal.
func TestQueues_SIGHUP_without_a_file_ends_the_server(t *testing.T) {
	p := serve(t, nil)
	p.signal(t, syscall.SIGHUP)
	if code := p.wait(t); code == 0 {
		t.Errorf("exit %d", code)
	}
}
