package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

// TestCopy_keeps_what_messages_have between all types of queues, at two services.
func TestCopy_keeps_what_messages_have(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"orders", "orders"}, {"orders", "orders.fifo"}, {"orders.fifo", "orders.fifo"}, {"orders.fifo", "orders"},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			old, srv := sqstest.New(t), sqstest.New(t)
			at(old).ok(t, "queue create "+c.from)
			at(srv).ok(t, "queue create "+c.to+" --attribute DelaySeconds=0")
			for i := range 25 {
				line := fmt.Sprintf("send %s body-%02d --attribute kind=%d --attribute b:Binary=AAE= --group g%d", c.from, i, i, i%3)
				if c.from == "orders.fifo" {
					line += " --dedup-id " + fmt.Sprint(i)
				}
				at(old).ok(t, line)
			}
			want := byGroup(old.Messages(c.from))
			r := at(old).run("copy", c.from, c.to, "--to-endpoint-url", srv.URL(), "--yes", "--wait", "0", "--output", "text")
			said := "bufeo: this moves all messages to queue " + c.to + " (account 000000000000, region us-east-1) at " + srv.URL() +
				", out of queue " + c.from + " (account 000000000000, region us-east-1) at " + old.URL() + "\n"
			if r.code != 0 || r.stdout != "25\t175\t0\t0\n" || r.stderr != said {
				t.Fatalf("got exit %d, %s%s", r.code, r.stdout, r.stderr)
			}
			if left := old.Messages(c.from); len(left) != 0 {
				t.Errorf("%d messages are left", len(left))
			}
			got := byGroup(srv.Messages(c.to))
			if len(got) != len(want) {
				t.Fatalf("got %d messages, want %d", len(got), len(want))
			}
			for i := range got {
				if got[i].Body != want[i].Body || got[i].GroupID != want[i].GroupID || !reflect.DeepEqual(got[i].Attributes, want[i].Attributes) || got[i].State != sqstest.Visible {
					t.Errorf("got %+v, want %+v", got[i], want[i])
				}
			}
		})
	}
}

// TestCopy_result fixes the names in what is printed.
func TestCopy_result(t *testing.T) {
	_, sh := filled(t, 12)
	sh.ok(t, "queue create other")
	want := "{\n    \"Messages\": 12,\n    \"Bytes\": 74,\n    \"Repeated\": 0,\n    \"Uncertain\": 0\n}\n"
	if got := sh.ok(t, "copy orders other --yes --wait 0"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCopy_keep(t *testing.T) {
	srv, sh := filled(t, 25)
	sh.ok(t, "queue create other")
	if got := sh.ok(t, "copy orders other --keep --wait 0 --limit 12 --output text"); !strings.HasPrefix(got, "12\t") {
		t.Errorf("got %s", got)
	}
	if got := sh.ok(t, "copy orders other --keep --wait 0 --output text"); !strings.HasPrefix(got, "13\t") {
		t.Errorf("got %s", got)
	}
	if got, want := bodies(srv.Messages("other")), bodies(srv.Messages("orders")); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCopy_groups: a FIFO queue wants groups, which messages of other queues may lack; nothing is lost by that.
func TestCopy_groups(t *testing.T) {
	srv, sh := filled(t, 3)
	sh.ok(t, "queue create pay.fifo")
	r := sh.run("copy", "orders", "pay.fifo", "--yes", "--wait", "0")
	if r.code != 1 || !strings.Contains(r.stderr, " has no group, which a FIFO queue wants\nhint: --group gives one") {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	sh.ok(t, "copy orders pay.fifo --yes --wait 0 --group g") // the messages were given back at once
	got := srv.Messages("pay.fifo")
	if len(got) != 3 || got[0].GroupID != "g" {
		t.Errorf("got %+v", got)
	}
}

// TestCopy_same_dedup_id: messages that stand beside one another in a queue stay beside one another, unless told otherwise.
func TestCopy_same_dedup_id(t *testing.T) {
	synctestServers(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		var qs []*sqs.Queue
		for _, name := range []string{"a.fifo", "b.fifo", "c.fifo"} {
			q, err := conn.CreateQueue(t.Context(), name, sqs.WithQueueAttribute("FifoQueue", "true"))
			if err != nil {
				t.Fatal(err)
			}
			qs = append(qs, q)
		}
		for range 2 {
			if err := qs[0].Write(t.Context(), &sqs.Message{Body: "same", GroupID: "g", DeduplicationID: "d"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Minute)
		}
		for i, want := range []int{2, 1} {
			if err := copyJob(t, qs[0], qs[i+1], func(f *copyFlags) { *f.keep, *f.keepDedup = true, i == 1 }).run(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute) // until they are visible again
			if got := len(srv.Messages(qs[i+1].Name())); got != want {
				t.Errorf("%s: got %d messages, want %d", qs[i+1].Name(), got, want)
			}
		}
	})
}

// synctestServers runs a test in a bubble, with a server.
func synctestServers(t *testing.T, test func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection)) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		conn, err := sqs.NewFromConfig(srv.Config(), sqs.WithMessageClass(sqs.RawMessage{}))
		if err != nil {
			t.Fatal(err)
		}
		test(t, srv, conn)
	})
}

// copyJob is a copy as the command makes it.
func copyJob(t *testing.T, src, dst *sqs.Queue, change func(*copyFlags)) *copying {
	t.Helper()
	f := &copyFlags{keep: new(toggle), follow: new(toggle), keepDedup: new(toggle), wait: &span{}, visibility: &span{}}
	change(f)
	state, err := openCopyState(f.state, copyHead{src.URL(), dst.URL(), bool(*f.keep)})
	if err != nil {
		t.Fatal(err)
	}
	return &copying{
		copyFlags: f, src: src, dst: dst, state: state, pace: pace{rate: f.rate}, shown: func() {}, say: func(string, ...any) {}, explain: func(err error) error { return err },
		result: copied{Uncertain: len(state.uncertain)},
	}
}

func fill(t *testing.T, conn *sqs.Connection, name string, n int) *sqs.Queue {
	t.Helper()
	q, err := conn.CreateQueue(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var ms []*sqs.Message
	for i := range n {
		ms = append(ms, q.NewMessage(fmt.Sprint(i)))
	}
	if _, err := q.WriteBatch(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	return q
}

// TestCopy_rate: so many messages a second, evenly, in the clock of the bubble.
func TestCopy_rate(t *testing.T) {
	for _, c := range []struct{ rate, messages, most int }{{1, 5, 1}, {20, 100, 2}, {400, 1000, 10}} {
		synctestServers(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
			src, dst := fill(t, conn, "src", c.messages), fill(t, conn, "dst", 0)
			began := time.Now()
			job := copyJob(t, src, dst, func(f *copyFlags) { f.rate = c.rate })
			if err := job.run(t.Context()); err != nil || job.result.Messages != c.messages {
				t.Fatalf("got %+v, %v", job.result, err)
			}
			at := map[time.Duration]int{}
			for _, m := range srv.Messages("dst") {
				at[m.Sent.Sub(began)]++
			}
			last := time.Duration(c.messages-c.most) * time.Second / time.Duration(c.rate)
			if at[0] != c.most || at[last.Truncate(time.Millisecond)] != c.most || len(at) != c.messages/c.most {
				t.Errorf("rate %d: sent at %v, want %d at a time until %v", c.rate, at, c.most, last)
			}
		})
	}
}

// TestCopy_follow waits for messages, moves them as they come, and ends with Ctrl-C as with success.
func TestCopy_follow(t *testing.T) {
	srv, sh := filled(t, 5)
	sh.ok(t, "queue create other")
	signals := make(chan chan<- os.Signal, 1)
	var once sync.Once
	sent, received := 0, 0
	w := watched(t, srv, func(action string) {
		switch action {
		case "SendMessageBatch":
			sent++
		case "ReceiveMessage":
			if received++; received == 2 { // it waits, since there is nothing left
				at(srv).ok(t, "send orders later")
			}
		case "DeleteMessageBatch":
			if sent == 2 {
				once.Do(func() { (<-signals) <- syscall.SIGINT })
			}
		}
	})
	w.notify = func(c chan<- os.Signal) { signals <- c }
	r := w.run("copy", "orders", "other", "--follow", "--yes", "--output", "text")
	if r.code != 0 || !strings.HasPrefix(r.stdout, "6\t") || !strings.Contains(r.stderr, "this moves all messages, now and as they come, to queue other") {
		t.Errorf("got exit %d, %s%s", r.code, r.stdout, r.stderr)
	}
	if left, got := srv.Messages("orders"), srv.Messages("other"); len(left) != 0 || len(got) != 6 {
		t.Errorf("%d messages are left, %d were moved", len(left), len(got))
	}
}

// TestCopy_follow_goes_on after services were away, and ends when one refuses for good.
func TestCopy_follow_goes_on(t *testing.T) {
	for _, action := range []string{"ReceiveMessage", "SendMessageBatch", "DeleteMessageBatch"} {
		for _, rule := range []sqstest.Rule{
			{Drop: sqstest.DropRequest, Times: 20},
			{Error: sqs.ErrServiceUnavailable, Times: 20},
			{Error: sqs.ErrRequestThrottled, Times: 20},
		} {
			synctestServers(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
				src, dst := fill(t, conn, "src", 35), fill(t, conn, "dst", 0)
				rule.Action = action
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				job := copyJob(t, src, dst, func(f *copyFlags) { *f.follow = true })
				pages, said := 0, 0
				job.shown = func() {
					if pages++; pages == 1 {
						srv.Fail(rule)
					}
					if len(srv.Messages("src")) == 0 {
						cancel()
					}
				}
				job.say = func(format string, args ...any) {
					said++ // a failed delete is followed by receives, which succeed
					if d := time.Second << (said - 1); !strings.HasSuffix(fmt.Sprintf(format, args...), "trying again in "+d.String()) && action != "DeleteMessageBatch" && said < 6 {
						t.Errorf("said "+format, args...)
					}
				}
				if err := job.run(ctx); err != nil || job.result.Messages != 35 || said < 3 {
					t.Errorf("%s %+v: got %+v, %v after %d failures", action, rule, job.result, err, said)
				}
				if got := srv.Messages("dst"); len(got) != 35 {
					t.Errorf("%s: got %d messages", action, len(got))
				}
			})
		}
		synctestServers(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
			job := copyJob(t, fill(t, conn, "src", 5), fill(t, conn, "dst", 0), func(f *copyFlags) { *f.follow = true })
			srv.Fail(sqstest.Rule{Action: action, Error: sqs.ErrAccessDenied})
			if err := job.run(t.Context()); !errors.Is(err, sqs.ErrAccessDenied) {
				t.Errorf("%s is denied: got %v", action, err)
			}
		})
	}
}

// TestCopy_interrupted: what was sent is deleted, and the rest of the page is there for the next command at once.
func TestCopy_interrupted(t *testing.T) {
	srv, sh := filled(t, 25)
	sh.ok(t, "queue create other")
	r := interruptedAt(t, srv, "SendMessageBatch", 3).run("copy", "orders", "other", "--yes", "--rate", "50")
	if r.code != 1 || !strings.HasSuffix(r.stderr, "bufeo: 15 messages were copied; the same command goes on with the others\nbufeo: interrupted\n") {
		t.Errorf("got exit %d, %s", r.code, r.stderr)
	}
	for _, m := range srv.Messages("orders") {
		if m.State != sqstest.Visible {
			t.Errorf("%s is %s", m.Body, m.State)
		}
	}
	if got := sh.ok(t, "copy orders other --yes --wait 0 --output text"); !strings.HasPrefix(got, "10\t") {
		t.Errorf("got %s", got)
	}
	if got := srv.Messages("other"); len(got) != 25 {
		t.Errorf("got %d messages", len(got))
	}
}

// TestCopy_state_knows_what_was_sent: whatever answer gets lost, nothing is sent twice but what is said to be uncertain.
func TestCopy_state_knows_what_was_sent(t *testing.T) {
	lost := sqstest.Rule{Action: "SendMessageBatch", Drop: sqstest.DropAnswer, Times: 1}
	for _, c := range []struct {
		name      string
		rule      sqstest.Rule
		then      *sqstest.Rule
		uncertain int
		doubled   int
	}{
		{"delete fails", sqstest.Rule{Action: "DeleteMessageBatch", Error: sqs.ErrAccessDenied, Times: 1}, nil, 0, 0},
		{"answer to delete is lost", sqstest.Rule{Action: "DeleteMessageBatch", Drop: sqstest.DropAnswer, Times: 3}, nil, 0, 0},
		{"send is refused", sqstest.Rule{Action: "SendMessageBatch", Error: sqs.ErrAccessDenied, Times: 1}, nil, 0, 0},
		{"send is lost", sqstest.Rule{Action: "SendMessageBatch", Drop: sqstest.DropRequest, Times: 3}, nil, 10, 0},
		{"answer to send is lost", lost, &sqstest.Rule{Action: "SendMessageBatch", Drop: sqstest.DropRequest, Times: 2}, 10, 10},
		{"answer to send is lost, then refused", lost, &sqstest.Rule{Action: "SendMessageBatch", Error: sqs.ErrAccessDenied, Times: 1}, 10, 10},
	} {
		for _, keep := range []toggle{false, true} {
			t.Run(fmt.Sprintf("%s, keep %v", c.name, keep), func(t *testing.T) {
				if keep && c.rule.Action == "DeleteMessageBatch" {
					return // which does not happen then
				}
				synctestServers(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
					src, dst := fill(t, conn, "src", 35), fill(t, conn, "dst", 0)
					name := filepath.Join(t.TempDir(), "state")
					flags := func(f *copyFlags) { *f.keep, f.state = keep, name }
					first := copyJob(t, src, dst, flags)
					pages := 0
					first.shown = func() {
						if pages++; pages == 1 {
							srv.Fail(c.rule)
							if c.then != nil {
								srv.Fail(*c.then)
							}
						}
					}
					if err := first.run(t.Context()); err == nil {
						t.Fatalf("got %+v, want an error", first.result)
					}
					first.state.close()
					second := copyJob(t, src, dst, flags)
					if err := second.run(t.Context()); err != nil || second.result.Uncertain != c.uncertain {
						t.Fatalf("got %+v, %v, want %d uncertain", second.result, err, c.uncertain)
					}
					got := bodies(srv.Messages("dst"))
					slices.Sort(got)
					if n := len(slices.Compact(slices.Clone(got))); n != 35 || len(got) != 35+c.doubled {
						t.Errorf("got %d messages, %d of them different, want %d doubled", len(got), n, c.doubled)
					}
					if left := len(srv.Messages("src")); left != map[toggle]int{true: 35}[keep] {
						t.Errorf("%d messages are left", left)
					}
					if _, err := os.Stat(name); err == nil {
						t.Error("the state is left over")
					}
				})
			})
		}
	}
}

// TestCopyState_is_written_anew when it has grown, and a kill in the middle of a line does not matter.
func TestCopyState_is_written_anew(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state")
	head := copyHead{"a", "b", false}
	s, err := openCopyState(name, head)
	if err != nil {
		t.Fatal(err)
	}
	s.compact = 1000
	m := func(i int) *sqs.Message {
		return &sqs.Message{ID: fmt.Sprint("id", i), ReceiptHandle: fmt.Sprint("handle", i)}
	}
	for i := range 500 {
		page := []*sqs.Message{m(i)}
		err := s.received(page)
		if err == nil {
			err = s.sending(page)
		}
		if err == nil && i != 499 {
			err = s.answered(page, nil)
		}
		if err == nil && i%100 != 0 && i != 499 {
			err = s.deleted([]string{m(i).ID})
		}
		if s.compact = 1000; err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.f.WriteString(`{"Sent":["id499`); err != nil {
		t.Fatal(err)
	}
	s.close()
	if info, err := os.Stat(name); err != nil || info.Size() > 2000 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
	s, err = openCopyState(name, head)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if !slices.Equal(s.uncertain, []string{"id499"}) || s.undeleted() != 5 || !s.sent.has("id0") || !s.sent.has("id400") || s.sent.has("id499") {
		t.Errorf("got %v uncertain, %v left", s.uncertain, s.left)
	}
	if sent, unsent := s.interrupted(); len(sent) != 0 || !slices.Equal(unsent, []pageEntry{{"id499", "handle499"}}) {
		t.Errorf("got %v and %v under way", sent, unsent)
	}
}

// TestCopy_ladder: the target is where the source is, unless a flag is about the target; then it has a ladder of its own.
func TestCopy_ladder(t *testing.T) {
	for name, c := range map[string]struct {
		flags, environ string
		want           int // of the three servers
	}{
		"no flag":        {"--endpoint-url 0", "BUFEO_ENDPOINT_URL=1", 0},
		"variable":       {"--endpoint-url 0 --to-region us-east-1", "BUFEO_ENDPOINT_URL=1", 1},
		"other variable": {"--endpoint-url 0 --to-region us-east-1", "AWS_ENDPOINT_URL_SQS=1", 1},
		"profile":        {"--endpoint-url 0 --to-profile there", "", 2},
		"flag":           {"--endpoint-url 0 --to-endpoint-url 1 --to-profile there", "BUFEO_ENDPOINT_URL=2", 1},
		"source only":    {"--to-endpoint-url 1", "BUFEO_ENDPOINT_URL=0", 1},
	} {
		t.Run(name, func(t *testing.T) {
			var servers []*sqstest.Server
			var pairs []string
			for i := range 3 {
				srv := sqstest.New(t)
				at(srv).ok(t, "queue create src")
				at(srv).ok(t, "queue create dst")
				servers, pairs = append(servers, srv), append(pairs, fmt.Sprint(" ", i), " "+srv.URL(), fmt.Sprint("=", i), "="+srv.URL())
			}
			number := strings.NewReplacer(pairs...)
			at(servers[0]).ok(t, "send src hello")
			config := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(config, []byte("[profile there]\nendpoint_url = "+servers[2].URL()+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			sh := shell{environ: []string{"AWS_CONFIG_FILE=" + config, number.Replace(c.environ)}}
			sh.ok(t, "copy src dst --yes --wait 0"+number.Replace(" "+c.flags))
			for i, srv := range servers {
				if got := len(srv.Messages("dst")); got == 1 != (i == c.want) {
					t.Errorf("server %d has %d messages, want the one in server %d", i, got, c.want)
				}
			}
		})
	}
}

func TestCopy_mistakes(t *testing.T) {
	srv, sh := filled(t, 2)
	sh.ok(t, "queue create other")
	state := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(state, []byte("no state\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	strange := filepath.Join(t.TempDir(), "strange")
	if s, err := openCopyState(strange, copyHead{"a", "b", false}); err != nil {
		t.Fatal(err)
	} else {
		s.close()
	}
	for line, want := range map[string]string{
		"copy orders":                                               "copy wants 2 arguments",
		"copy orders other":                                         "there is no terminal to ask on",
		"copy orders orders --yes":                                  "source and target are the same queue orders",
		"copy orders other --yes --rate -1":                         "--rate is less than 0",
		"copy orders other --yes --limit -1":                        "--limit is less than 0",
		"copy orders other --keep --follow":                         "--keep and --follow exclude each other",
		"copy orders other --yes --visibility 1":                    "--visibility is less than 5s",
		"copy orders other --yes --follow --wait 0":                 "--follow has to wait for messages",
		"copy orders other --yes --state " + state:                  state + " is no state of a copy",
		"copy orders other --yes --state " + strange:                strange + " is the state of another copy, from a to b",
		"copy orders other --to-endpoint-url x":                     `--to-endpoint-url is "x", want a URL`,
		"copy orders other --to-profile nobody":                     "nobody",
		"copy orders other --to-aws --to-endpoint-url " + srv.URL(): "--to-aws and --to-endpoint-url",
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
}
