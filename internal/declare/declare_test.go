package declare

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// fixture is the queues of a server.
type fixture struct {
	*testing.T
	engine  *engine.Engine
	service *service.Service
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	st, err := store.Open("", &store.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(st, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{t, e, service.New(e, nil)}
}

func read(text string) *File {
	return Parse("queues.yaml", []byte(text), Defaults{Account: "000000000000", Region: "us-east-1"})
}

// plan compares a file with the queues.
func (f *fixture) plan(text string) *Plan {
	f.Helper()
	p, err := NewPlan(f.Context(), read(text), In(f.engine))
	if err != nil {
		f.Fatal(err)
	}
	return p
}

// apply brings the queues in line with a file.
func (f *fixture) apply(text string) {
	f.Helper()
	if err := f.plan(text).Apply(f.Context(), f.service); err != nil {
		f.Fatal(err)
	}
}

// want compares what a plan writes with lines.
func (f *fixture) want(p *Plan, want string) {
	f.Helper()
	var b strings.Builder
	if _, err := p.WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	if got := strings.TrimSpace(b.String()); got != strings.TrimSpace(want) {
		f.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}

// attribute asks the service, as a client would.
func (f *fixture) attribute(queue, name string) string {
	f.Helper()
	c := &service.Call{Account: "000000000000", Region: "us-east-1"}
	out, err := f.service.GetQueueAttributes(f.Context(), c, &api.GetQueueAttributesInput{QueueURL: queue, AttributeNames: []string{name}})
	if err != nil {
		f.Fatal(err)
	}
	v, _ := out.Attributes.Get(name)
	return v
}

// TestMistakes reads the files of testdata/mistakes.txt. Each case is a file, "----", and everything that is said about
// it; a line of "====" ends it. Two queues exist before: standard, and ordered.fifo.
func TestMistakes(t *testing.T) {
	const golden = "testdata/mistakes.txt"
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	f.apply("queues: [standard, ordered.fifo]")
	var now strings.Builder
	for c := range strings.SplitSeq(strings.TrimSuffix(string(text), "====\n"), "====\n") {
		file, want, _ := strings.Cut(c, "----\n")
		got := "no mistakes"
		if _, err := NewPlan(t.Context(), read(file), In(f.engine)); err != nil {
			got = err.Error()
		}
		got += "\n"
		now.WriteString(file + "----\n" + got + "====\n")
		if got != want && !*rewrite {
			t.Errorf("file:\n%s\ngot:\n%s\nwant:\n%s(-rewrite takes what is got)", file, got, want)
		}
	}
	if *rewrite {
		if err := os.WriteFile(golden, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(f.engine.All()); got != 2 {
		t.Errorf("got %d queues, want the 2 of before", got)
	}
}

const shop = `
queues:
  - name: orders
    attributes:
      VisibilityTimeout: 60
      ReceiveMessageWaitTimeSeconds: "20"
    deadLetter: {queue: orders-dead, maxReceiveCount: 3}
    tags: {team: shop, empty: ""}
  - name: orders-dead
  - name: payments.fifo
    attributes: {ContentBasedDeduplication: true}
  - mails
`

func TestApply_creates_queues_and_then_has_nothing_to_do(t *testing.T) {
	f := newFixture(t)
	f.want(f.plan(shop), `
create  orders
create  orders  VisibilityTimeout = 60
create  orders  ReceiveMessageWaitTimeSeconds = 20
create  orders  RedrivePolicy = {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dead","maxReceiveCount":3}
create  orders  tag "team" = "shop"
create  orders  tag "empty" = ""
create  orders-dead
create  payments.fifo
create  payments.fifo  FifoQueue = true
create  payments.fifo  ContentBasedDeduplication = true
create  mails`)
	if n := len(f.engine.All()); n != 0 {
		t.Fatalf("a plan made %d queues", n)
	}
	f.apply(shop)
	for _, c := range []struct{ queue, name, want string }{
		{"orders", "VisibilityTimeout", "60"},
		{"orders", "ReceiveMessageWaitTimeSeconds", "20"},
		{"orders", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dead","maxReceiveCount":3}`},
		{"payments.fifo", "FifoQueue", "true"},
		{"payments.fifo", "ContentBasedDeduplication", "true"},
		{"mails", "VisibilityTimeout", "30"},
	} {
		if got := f.attribute(c.queue, c.name); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.queue, c.name, got, c.want)
		}
	}
	if create, change, ok := f.plan(shop).Count(); create+change != 0 || ok != 4 {
		t.Errorf("again: got %d to create, %d to change, %d ok, want 4 ok", create, change, ok)
	}
}

func TestApply_changes_what_differs_and_leaves_the_rest_alone(t *testing.T) {
	f := newFixture(t)
	f.apply(shop)
	f.apply("queues:\n- name: orders\n  attributes: {DelaySeconds: 7}\n  tags: {owner: ana}\n- other")
	f.want(f.plan(strings.NewReplacer("60", "90", "team: shop", "team: store, new: \"\"").Replace(shop)), `
change  orders
change  orders  VisibilityTimeout = 90 (is 60)
ok      orders  ReceiveMessageWaitTimeSeconds = 20
ok      orders  RedrivePolicy = {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-dead","maxReceiveCount":3}
change  orders  tag "team" = "store" (is "shop")
change  orders  tag "new" = "" (is unset)
ok      orders  tag "empty" = ""
ok      orders-dead
ok      payments.fifo
ok      payments.fifo  FifoQueue = true
ok      payments.fifo  ContentBasedDeduplication = true
ok      mails`)
	f.apply("queues:\n- name: orders\n  attributes: {VisibilityTimeout: 90, RedrivePolicy: ''}")
	for name, want := range map[string]string{"VisibilityTimeout": "90", "DelaySeconds": "7", "ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": ""} {
		if got := f.attribute("orders", name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	q, err := f.engine.Queue(engine.Key{Account: "000000000000", Region: "us-east-1", Name: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := q.Info().Tags, []api.Tag{{Key: "empty"}, {Key: "owner", Value: "ana"}, {Key: "team", Value: "shop"}}; !slices.Equal(got, want) {
		t.Errorf("tags: got %v, want %v", got, want)
	}
	if got := len(f.engine.All()); got != 5 {
		t.Errorf("got %d queues, want 5: those that a file does not have stay", got)
	}
}

func TestApply_keeps_messages(t *testing.T) {
	f := newFixture(t)
	f.apply("queues: [q]")
	c := &service.Call{Account: "000000000000", Region: "us-east-1"}
	if _, err := f.service.SendMessage(t.Context(), c, &api.SendMessageInput{QueueURL: "q", MessageBody: "m"}); err != nil {
		t.Fatal(err)
	}
	f.apply("queues:\n- name: q\n  attributes: {VisibilityTimeout: 0}")
	if got := f.attribute("q", api.ApproximateNumberOfMessages); got != "1" {
		t.Errorf("got %s messages, want 1", got)
	}
}

func TestApply_links_dead_letter_queues_in_any_order(t *testing.T) {
	const circle = `
queues:
- name: a
  deadLetter: {queue: b, maxReceiveCount: 1}
- name: b
  deadLetter: {queue: a, maxReceiveCount: 2}
- name: there
  attributes:
    RedrivePolicy: '{"maxReceiveCount": "5", "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}'
`
	f := newFixture(t)
	f.apply("queues: [dead]") // is not in the file
	f.apply(circle)
	for queue, want := range map[string]string{
		"a":     `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:b","maxReceiveCount":1}`,
		"b":     `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:a","maxReceiveCount":2}`,
		"there": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":5}`,
	} {
		if got := f.attribute(queue, api.RedrivePolicy); got != want {
			t.Errorf("%s: got %s, want %s", queue, got, want)
		}
	}
	if _, change, _ := f.plan(circle).Count(); change != 0 {
		t.Errorf("again: %d to change, want none", change)
	}
}

func TestApply_in_another_region_and_account(t *testing.T) {
	const elsewhere = `
queues:
- {name: q, attributes: {DelaySeconds: 1}}
- {name: q, region: eu-west-1, deadLetter: {queue: dead, maxReceiveCount: 3}}
- {name: dead, region: eu-west-1}
- {name: q, account: 123456789012}
`
	f := newFixture(t)
	f.want(f.plan(elsewhere), `
create  q
create  q  DelaySeconds = 1
create  eu-west-1/q
create  eu-west-1/q  RedrivePolicy = {"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead","maxReceiveCount":3}
create  eu-west-1/dead
create  us-east-1/123456789012/q`)
	f.apply(elsewhere)
	for _, k := range []engine.Key{
		{Account: "000000000000", Region: "us-east-1", Name: "q"},
		{Account: "000000000000", Region: "eu-west-1", Name: "q"},
		{Account: "123456789012", Region: "us-east-1", Name: "q"},
	} {
		if _, err := f.engine.Queue(k); err != nil {
			t.Errorf("%v: %v", k, err)
		}
	}
}

func TestParse_policies_written_as_yaml(t *testing.T) {
	const policy = `
queues:
- name: q
  attributes:
    Policy:
      Version: 2012-10-17
      Statement:
      - {Effect: Allow, Principal: {AWS: 000000000000}, Action: "sqs:*", Resource: "*", Sid: null, Limit: 1.5, Max: 10, On: true}
`
	f := newFixture(t)
	f.apply(policy)
	got := f.attribute("q", api.Policy)
	want := `{"Statement":[{"Action":"sqs:*","Effect":"Allow","Limit":1.5,"Max":10,"On":true,"Principal":{"AWS":"000000000000"},"Resource":"*","Sid":null}],"Version":"2012-10-17"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	spaced := strings.ReplaceAll(want, ",", ", ")
	if _, change, _ := f.plan("queues:\n- {name: q, attributes: {Policy: '" + spaced + "'}}").Count(); change != 0 {
		t.Error("a policy that differs in white space only counts as a change")
	}
}

func TestParse_anchors(t *testing.T) {
	f := newFixture(t)
	f.want(f.plan(`
x-slow: &slow {VisibilityTimeout: 600, DelaySeconds: 9}
x-tags: &tags {team: shop}
queues:
- name: a
  attributes: {<<: *slow, DelaySeconds: 1}
  tags: *tags
- &b
  name: b
  attributes: *slow
`), `
create  a
create  a  DelaySeconds = 1
create  a  VisibilityTimeout = 600
create  a  tag "team" = "shop"
create  b
create  b  VisibilityTimeout = 600
create  b  DelaySeconds = 9`)
}

func TestApply_tells_which_queue_failed(t *testing.T) {
	f := newFixture(t)
	p := f.plan("queues:\n- q")
	c := &service.Call{Account: "000000000000", Region: "us-east-1"}
	f.apply("queues: [q]")
	if _, err := f.service.DeleteQueue(context.Background(), c, &api.DeleteQueueInput{QueueURL: "q"}); err != nil {
		t.Fatal(err)
	}
	err := p.Apply(t.Context(), f.service)
	want := "queues.yaml:2: create queue q: QueueDeletedRecently: You must wait 60 seconds after deleting a queue before you can create another with the same name."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
