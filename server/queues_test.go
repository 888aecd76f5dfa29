package server

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// queuesFile writes a file of queues and returns its name.
func queuesFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "queues.yaml")
	rewriteFile(t, name, text)
	return name
}

func rewriteFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantAttribute(t *testing.T, s *Server, queue, name, want string) {
	t.Helper()
	w := get(s, "/000000000000/"+queue+"?Action=GetQueueAttributes&AttributeName="+name)
	if !strings.Contains(w.Body.String(), "<Value>"+want+"</Value>") {
		t.Errorf("%s of %s: got %s, want %s", name, queue, w.Body, want)
	}
}

func TestQueuesFile_is_applied_before_the_server_is_ready(t *testing.T) {
	file := queuesFile(t, "queues:\n- name: q\n  attributes: {VisibilityTimeout: 60}\n")
	s := newServer(t, &Options{InMemory: true, QueuesFile: file})
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantAttribute(t, s, "q", "VisibilityTimeout", "60")

	rewriteFile(t, file, "queues:\n- name: q\n  attributes: {VisibilityTimeout: 90}\n- new\n")
	if err := s.ReloadQueues(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantAttribute(t, s, "q", "VisibilityTimeout", "90")
	wantAttribute(t, s, "new", "VisibilityTimeout", "30")

	rewriteFile(t, file, "queues:\n- name: q\n  attributes: {VisibilityTimeout: 120, DelaySeconds: 1000}\n")
	err := s.ReloadQueues(context.Background())
	if mistakes, ok := errors.AsType[QueueProblems](err); !ok || !errors.Is(err, ErrQueues) || len(mistakes) != 1 || mistakes[0].Line != 3 {
		t.Errorf("got %v, want a mistake in line 3", err)
	}
	wantAttribute(t, s, "q", "VisibilityTimeout", "90")
}

func TestQueuesFile_that_cannot_be_used_stops_the_start(t *testing.T) {
	bad := queuesFile(t, "queues:\n- name: q.fifo\n  attributes: {FifoQueue: false}\n- good\n")
	dir := t.TempDir()
	for name, c := range map[string]struct{ file, want string }{
		"mistake": {bad, "the file of queues cannot be used: " + bad +
			`:3: queue q.fifo: FifoQueue is "false", but a name that ends in .fifo is that of a FIFO queue, for good`},
		"missing": {filepath.Join(dir, "none.yaml"), "cannot read the file of queues " + filepath.Join(dir, "none.yaml") + ": "}, // and what the system says
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, &Options{DataDir: filepath.Join(dir, "data"), QueuesFile: c.file})
			err := s.Open(context.Background())
			if e, ok := errors.AsType[*Error](err); !ok || e.Hint == "" || !strings.HasPrefix(err.Error(), c.want) || !errors.Is(err, ErrQueues) {
				t.Errorf("got  %v\nwant %s, with a hint", err, c.want)
			}
		})
	}
	s := newServer(t, &Options{DataDir: filepath.Join(dir, "data")}) // the folder is free again, and has nothing
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if w := get(s, "/?Action=ListQueues"); strings.Contains(w.Body.String(), "<QueueUrl>") {
		t.Errorf("got %s, want no queues", w.Body)
	}
}

// A file that wants more queues than there may be is refused as a whole, by a start, a SIGHUP and a check.
func TestQueuesFile_beyond_MaxQueues(t *testing.T) {
	o := &Options{DataDir: filepath.Join(t.TempDir(), "data"), Log: quiet, MaxQueues: 2,
		QueuesFile: queuesFile(t, "queues: [a, b]\n")}
	s := newServer(t, o)
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	const want = "the file of queues cannot be used: queues to create: 1; there are 2, and there may be 2"
	check := func(what string, err error) {
		t.Helper()
		if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Hint, "--max-queues") || err.Error() != want || !errors.Is(err, ErrQueues) {
			t.Errorf("%s: got %v, want %s", what, err, want)
		}
	}
	if err := os.WriteFile(o.QueuesFile, []byte("queues: [a, {name: b, tags: {x: y}}, c]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("reload", s.ReloadQueues(context.Background()))
	if w := get(s, "/?Action=ListQueueTags&QueueUrl=b"); w.Code != 200 || strings.Contains(w.Body.String(), "<Tag>") {
		t.Errorf("got %s, want nothing changed", w.Body)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err := CheckQueues(context.Background(), o, "")
	check("check", err)
	check("start", newServer(t, o).Open(context.Background()))
	o.MaxQueues = 3
	if err := newServer(t, o).Open(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestReloadQueues_without_a_file(t *testing.T) {
	s := newServer(t, &Options{InMemory: true})
	if err := s.ReloadQueues(context.Background()); err != nil {
		t.Error(err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.ReloadQueues(context.Background()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func wantPlan(t *testing.T, o *Options, running, want string) {
	t.Helper()
	plan, err := CheckQueues(context.Background(), o, running)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := plan.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestCheckQueues(t *testing.T) {
	o := &Options{
		DataDir: filepath.Join(t.TempDir(), "data"),
		QueuesFile: queuesFile(t, "queues:\n- name: q\n  attributes: {DelaySeconds: 1}\n  tags: {a: b}\n"+
			"- name: other\n  region: eu-west-1\n  deadLetter: {queue: dead, maxReceiveCount: 2}\n- {name: dead, region: eu-west-1}\n"),
		Log: quiet,
	}
	const create = "create  q\ncreate  q  DelaySeconds = 1\ncreate  q  tag \"a\" = \"b\"\ncreate  eu-west-1/other\n" +
		"create  eu-west-1/other  RedrivePolicy = {\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:000000000000:dead\",\"maxReceiveCount\":2}\ncreate  eu-west-1/dead\n"
	wantPlan(t, o, "", create)
	if _, err := os.Stat(o.DataDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a check made the data folder (%v)", err)
	}

	s := newServer(t, o)
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := CheckQueues(context.Background(), o, ""); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	ok := strings.ReplaceAll(create, "create", "ok    ")
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	wantPlan(t, o, web.URL, ok)
	if w := get(s, "/?Action=SetQueueAttributes&QueueUrl=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=9"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	changed := strings.Replace(ok, "ok      q\nok      q  DelaySeconds = 1\n", "change  q\nchange  q  DelaySeconds = 1 (is 9)\n", 1)
	wantPlan(t, o, web.URL, changed)
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantPlan(t, o, "", changed)
	if _, err := CheckQueues(context.Background(), o, web.URL); err == nil {
		t.Error("a server that is stopping was compared with")
	}
}

func TestAutoCreateQueues(t *testing.T) {
	s := newServer(t, &Options{InMemory: true, AutoCreateQueues: true})
	if err := s.Open(context.Background()); err != nil {
		t.Fatal(err)
	}
	if w := get(s, "/000000000000/q?Action=SendMessage&MessageBody=m"); w.Code != 200 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
