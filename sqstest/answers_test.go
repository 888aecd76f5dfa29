package sqstest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestFail_duplicate_is_delivered_again(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		fault := srv.Fail(sqstest.Rule{Queue: "q", Duplicate: true, Times: 1})
		wantEmpty(t, q) // no message: nothing to deliver again
		write(t, q, "a book")
		first, second := read(t, q), read(t, q)
		if second.ID != first.ID || second.ReceiptHandle == first.ReceiptHandle {
			t.Errorf("got %+v, want %+v under another handle", second, first)
		}
		if got := second.Attributes[sqs.SystemAttributeReceiveCount]; got != "2" {
			t.Errorf("receive count: got %s, want 2", got)
		}
		wantEmpty(t, q)
		if got := fault.Fired(); got != 1 {
			t.Errorf("fired %d times, want once", got)
		}
		if err := first.Delete(t.Context()); err != nil { // either handle will do
			t.Error(err)
		}
		wantMessages(t, srv, "q")
	})
}

func TestFail_duplicate_reaches_a_long_poll_that_waits(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		bodies := make(chan string, 2)
		for range 2 {
			go func() { bodies <- read(t, q, sqs.WithWait(20*time.Second)).Body }()
		}
		synctest.Wait()
		srv.Fail(sqstest.Rule{Duplicate: true, Times: 1})
		write(t, q, "a book")
		if first, second := <-bodies, <-bodies; first != second {
			t.Errorf("got %q and %q", first, second)
		}
	})
}

func TestFail_duplicate_after_a_delete_does_not_happen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		q := create(t, connect(t, srv), "q")
		srv.Fail(sqstest.Rule{Duplicate: true})
		write(t, q, "a book")
		if err := read(t, q).Delete(t.Context()); err != nil {
			t.Error(err)
		}
		wantEmpty(t, q)
	})
}

func TestFail_reorder_of_a_receive(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		fault := srv.Fail(sqstest.Rule{Action: "ReceiveMessage", Reorder: true, Times: 1})
		write(t, q, "1", "2", "3", "4", "5")
		for _, want := range []struct {
			max    int
			bodies string
			fired  int
		}{{1, "1", 0}, {2, "3 2", 1}, {2, "4 5", 1}} {
			messages, err := q.Messages(t.Context(), want.max)
			if err != nil {
				t.Fatal(err)
			}
			var bodies []string
			for _, m := range messages {
				bodies = append(bodies, m.Body)
			}
			if got := strings.Join(bodies, " "); got != want.bodies || fault.Fired() != want.fired {
				t.Errorf("got %s and fired %d times, want %s and %d", got, fault.Fired(), want.bodies, want.fired)
			}
		}
	})
}

func TestFail_reorder_of_results(t *testing.T) {
	srv := sqstest.New(t)
	create(t, connect(t, srv), "q")
	srv.Fail(sqstest.Rule{Reorder: true, Latency: time.Nanosecond}) // with a latency it is decided before the answer
	for action, entries := range map[string]string{
		"SendMessageBatch":   `{"Id":"1","MessageBody":"m"},{"Id":"x","MessageBody":""},{"Id":"2","MessageBody":"m"},{"Id":"y","MessageBody":""}`,
		"DeleteMessageBatch": `{"Id":"x","ReceiptHandle":"none"},{"Id":"y","ReceiptHandle":"none"}`,
		"ChangeMessageVisibilityBatch": `{"Id":"x","ReceiptHandle":"none","VisibilityTimeout":1},` +
			`{"Id":"y","ReceiptHandle":"none","VisibilityTimeout":1}`,
	} {
		_, body := post(t, srv, action, `{"QueueUrl":"q","Entries":[`+entries+`]}`)
		for _, ids := range [][2]string{{"2", "1"}, {"y", "x"}} {
			first, second := strings.Index(body, `"Id":"`+ids[0]+`"`), strings.Index(body, `"Id":"`+ids[1]+`"`)
			if first > second || first < 0 && strings.Contains(entries, `"`+ids[0]+`"`) {
				t.Errorf("%s: want %s before %s in %s", action, ids[0], ids[1], body)
			}
		}
	}
}

func TestFail_refuses_rules_that_make_no_sense(t *testing.T) {
	for want, rule := range map[string]sqstest.Rule{
		"the rule has no fault":                        {Action: "SendMessage", Times: 1},
		"Times is -1":                                  {Error: "InternalError", Times: -1},
		"Latency is -1s":                               {Latency: -time.Second},
		"Status and Message belong to an Error":        {Latency: 1, Status: 500},
		"Status is 200":                                {Error: "InternalError", Status: 200},
		"Error and Drop exclude each other":            {Error: "InternalError", Drop: sqstest.DropAnswer},
		"Duplicate and Reorder need an answer":         {Drop: sqstest.DropAnswer, Duplicate: true},
		"Drop is 3":                                    {Drop: 3},
		`Action is "sendMessage", want one of AddPerm`: {Action: "sendMessage", Latency: 1},
		"Duplicate is about ReceiveMessage":            {Action: "SendMessage", Duplicate: true},
		"Reorder is about ReceiveMessage and batches":  {Action: "SendMessage", Reorder: true},
	} {
		if got := fatal(t, func(t testing.TB) { sqstest.New(t).Fail(rule) }); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, rule := range []sqstest.Rule{
		{Latency: 1, Drop: sqstest.DropRequest},
		{Latency: 1, Duplicate: true, Reorder: true},
		{Action: "DeleteMessageBatch", Reorder: true},
	} {
		if got := fatal(t, func(t testing.TB) { sqstest.New(t).Fail(rule) }); got != "" {
			t.Errorf("%+v: %s", rule, got)
		}
	}
}
