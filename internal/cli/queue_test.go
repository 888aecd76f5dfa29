package cli

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// at is a shell whose commands go to a server.
func at(srv *sqstest.Server) shell {
	return shell{environ: []string{"BUFEO_ENDPOINT_URL=" + srv.URL()}}
}

// ok runs a command that is to succeed, and returns what it printed.
func (s shell) ok(t *testing.T, line string) string {
	t.Helper()
	return s.okArgs(t, strings.Fields(line)...)
}

func (s shell) okArgs(t *testing.T, args ...string) string {
	t.Helper()
	r := s.run(args...)
	if r.code != 0 {
		t.Fatalf("bufeo %s: exit %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return r.stdout
}

// into parses what a command printed.
func into[T any](t *testing.T, printed string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(printed), &v); err != nil {
		t.Fatalf("%v in %s", err, printed)
	}
	return v
}

func TestQueue_create_and_show(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	for _, protocol := range []string{"json", "query"} {
		sh.ok(t, "queue create dead --protocol "+protocol)
		sh.okArgs(t, "queue", "create", "orders", "--attribute", "VisibilityTimeout=60", "--attribute", "DelaySeconds=0", "--tag", "team=shop,floor=2",
			"--dead-letter", "dead", "--max-receive-count=3", "--protocol", protocol)
		created := into[queueNamed](t, sh.ok(t, "queue create pay.fifo --protocol "+protocol))
		if want := (queueNamed{"pay.fifo", srv.URL() + "/000000000000/pay.fifo"}); created != want {
			t.Errorf("got %+v, want %+v", created, want)
		}
		for _, arg := range []string{"orders", srv.URL() + "/000000000000/orders", "arn:aws:sqs:us-east-1:000000000000:orders"} {
			shown := into[queueShown](t, sh.ok(t, "queue show "+arg+" --protocol "+protocol))
			policy, err := shown.Attributes.RedrivePolicy()
			if err != nil || policy.MaxReceiveCount != 3 || policy.DeadLetterTargetARN != "arn:aws:sqs:us-east-1:000000000000:dead" ||
				shown.Attributes["VisibilityTimeout"] != "60" || shown.Tags["team"] != "shop,floor=2" || shown.QueueName != "orders" {
				t.Errorf("%s: got %+v", arg, shown)
			}
		}
	}
}

func TestQueue_list(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	if got := sh.ok(t, "queue list"); got != "{\n    \"Queues\": []\n}\n" {
		t.Errorf("got %s", got)
	}
	for _, name := range []string{"a1", "a2", "b1"} {
		sh.ok(t, "queue create "+name)
	}
	base := srv.URL() + "/000000000000/"
	for line, want := range map[string]string{
		"queue list --output text":            "a1\t" + base + "a1\na2\t" + base + "a2\nb1\t" + base + "b1\n",
		"queue list a --output text":          "a1\t" + base + "a1\na2\t" + base + "a2\n",
		"queue list b --counts --output text": "b1\t" + base + "b1\t0\t0\t0\n",
		"queue list c --output text":          "",
	} {
		if got := sh.ok(t, line); got != want {
			t.Errorf("%s: got\n%s, want\n%s", line, got, want)
		}
	}
	sh.terminal = true
	if got := sh.ok(t, "queue list b"); !strings.HasPrefix(got, "-----") || !strings.Contains(got, "|  b1  ") {
		t.Errorf("on a terminal: got\n%s, want a table", got)
	}
}

func TestService_refuses(t *testing.T) {
	sh := at(sqstest.New(t))
	for line, want := range map[string]struct{ text, hint string }{
		"queue show nope": {"GetQueueUrl: QueueDoesNotExist: The specified queue does not exist. (request id ", "`bufeo queue list` shows"},
		"queue create x --attribute VisibilityTimeout=99999":      {"CreateQueue: InvalidAttributeValue: ", "https://docs.aws.amazon.com/"},
		"queue create x --attribute Visib=1":                      {"CreateQueue: InvalidAttributeName: ", "`bufeo help queue create`"},
		"queue create x --dead-letter nope --max-receive-count=1": {"GetQueueUrl: QueueDoesNotExist: ", "`bufeo queue list` shows"},
	} {
		r := sh.run(strings.Fields(line)...)
		if r.code != 1 || r.stdout != "" || !strings.HasPrefix(r.stderr, "bufeo: "+want.text) || !strings.Contains(r.stderr, "\nhint: "+want.hint) {
			t.Errorf("%s: got exit %d\n%s%s", line, r.code, r.stdout, r.stderr)
		}
	}
}

func TestService_is_not_there(t *testing.T) {
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	l.Close()
	r := run([]string{"AWS_MAX_ATTEMPTS=1"}, "queue", "list", "--endpoint-url", base)
	if r.code != 1 || !strings.Contains(r.stderr, "\nhint: check the address") {
		t.Errorf("got exit %d\n%s", r.code, r.stderr)
	}
}

func TestQueue_set_tag_untag(t *testing.T) {
	sh := at(sqstest.New(t))
	sh.ok(t, "queue create dead")
	sh.ok(t, "queue create orders --tag a=1 --tag b=2")
	for _, line := range []string{
		"queue set orders --attribute VisibilityTimeout=60 --dead-letter dead --max-receive-count 2",
		"queue tag orders a=3 c=x=y",
		"queue untag orders b nope",
	} {
		if got := sh.ok(t, line); got != "" {
			t.Errorf("%s: got %s, want nothing", line, got)
		}
	}
	shown := into[queueShown](t, sh.ok(t, "queue show orders"))
	if want := map[string]string{"a": "3", "c": "x=y"}; !maps.Equal(shown.Tags, want) {
		t.Errorf("got tags %v, want %v", shown.Tags, want)
	}
	policy, err := shown.Attributes.RedrivePolicy()
	if err != nil || policy.MaxReceiveCount != 2 || shown.Attributes["VisibilityTimeout"] != "60" {
		t.Errorf("got %v", shown.Attributes)
	}
	sh.ok(t, "queue set orders --attribute RedrivePolicy=")
	if shown = into[queueShown](t, sh.ok(t, "queue show orders")); shown.Attributes["RedrivePolicy"] != "" {
		t.Errorf("got RedrivePolicy %s, want none", shown.Attributes["RedrivePolicy"])
	}
	if r := sh.run("queue", "set", "orders"); r.code != 2 {
		t.Errorf("nothing to set: got exit %d, %s", r.code, r.stderr)
	}
}

func TestQueue_purge_and_delete(t *testing.T) {
	srv := sqstest.New(t)
	sh := at(srv)
	sh.ok(t, "queue create orders")
	conn, err := sqs.New(sqs.WithEndpoint(srv.URL()))
	if err != nil {
		t.Fatal(err)
	}
	q, err := conn.Queue(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Write(t.Context(), q.NewMessage("keep me")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin    string
		terminal bool
		code     int
	}{{"y\n", false, 2}, {"n\n", true, 1}} {
		for _, verb := range []string{"purge", "delete"} {
			asked := shell{environ: sh.environ, stdin: c.stdin, terminal: c.terminal}
			r := asked.run("queue", verb, "orders")
			if r.code != c.code || len(srv.Messages("orders")) != 1 ||
				!strings.Contains(r.stderr, "queue orders (account 000000000000, region us-east-1) at "+srv.URL()+"\n") {
				t.Errorf("%s: got exit %d, %s", verb, r.code, r.stderr)
			}
		}
	}
	sh.ok(t, "queue purge orders --yes")
	if got := srv.Messages("orders"); len(got) != 0 {
		t.Errorf("after purge: got %v", got)
	}
	asked := shell{environ: sh.environ, stdin: "y\n", terminal: true}
	asked.ok(t, "queue delete orders")
	if got := sh.ok(t, "queue list --output text"); got != "" {
		t.Errorf("after delete: got %s", got)
	}
}
