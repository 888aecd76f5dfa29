package sqstest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestFail_errors_in_both_protocols(t *testing.T) {
	for _, c := range []struct {
		rule       sqstest.Rule
		status     int
		shape      string // __type
		queryCode  string
		senderType string
	}{
		{sqstest.Rule{Error: sqs.ErrQueueDoesNotExist}, 400, "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "Sender"},
		{sqstest.Rule{Error: "AWS.SimpleQueueService.NonExistentQueue"}, 400, "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "Sender"},
		{sqstest.Rule{Error: sqs.ErrPurgeQueueInProgress}, 403, "com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", "Sender"},
		{sqstest.Rule{Error: sqs.ErrInternal}, 500, "com.amazon.coral.service#InternalFailure", "InternalError", "Receiver"},
		{sqstest.Rule{Error: sqs.ErrServiceUnavailable}, 503, "com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable", "Receiver"},
		{sqstest.Rule{Error: "RequestThrottled"}, 403, "com.amazonaws.sqs#RequestThrottled", "RequestThrottled", "Sender"},
		{sqstest.Rule{Error: "ThrottlingException"}, 400, "com.amazon.coral.service#ThrottlingException", "Throttling", "Sender"},
		{sqstest.Rule{Error: "NeverHeardOf", Status: 502}, 502, "com.amazonaws.sqs#NeverHeardOf", "NeverHeardOf", "Receiver"},
		{sqstest.Rule{Error: "NeverHeardOf"}, 400, "com.amazonaws.sqs#NeverHeardOf", "NeverHeardOf", "Sender"},
	} {
		t.Run(string(c.rule.Error), func(t *testing.T) {
			srv := sqstest.New(t)
			c.rule.Message = "100% of <nothing>"
			srv.Fail(c.rule)
			answer, body := post(t, srv, "ListQueues", "{}")
			if got, want := body, `{"__type":"`+c.shape+`","message":"100% of <nothing>"}`; answer.StatusCode != c.status || got != want {
				t.Errorf("JSON: got %d %s, want %d %s", answer.StatusCode, got, c.status, want)
			}
			if got, want := answer.Header.Get("X-Amzn-Query-Error"), c.queryCode+";"+c.senderType; got != want {
				t.Errorf("JSON: X-Amzn-Query-Error: got %s, want %s", got, want)
			}
			answer, body = post(t, srv, "", "Action=ListQueues")
			want := "<Type>" + c.senderType + "</Type><Code>" + c.queryCode + "</Code><Message>100% of &lt;nothing&gt;</Message>"
			if answer.StatusCode != c.status || !strings.Contains(body, want) {
				t.Errorf("Query: got %d %s, want %d %s", answer.StatusCode, body, c.status, want)
			}
		})
	}
}

func TestFail_error_has_no_effect(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		fault := srv.Fail(sqstest.Rule{Action: "SendMessage", Error: sqs.ErrServiceUnavailable, Times: 2})
		for i, want := range []error{sqs.ErrServiceUnavailable, sqs.ErrServiceUnavailable, nil} {
			if err := q.Write(t.Context(), q.NewMessage("a book")); !errors.Is(err, want) {
				t.Errorf("write %d: got %v, want %v", i+1, err, want)
			}
		}
		wantMessages(t, srv, "q", "a book, visible, 0")
		if got := fault.Fired(); got != 2 {
			t.Errorf("fired %d times, want 2", got)
		}
	})
}

func TestFail_picks_action_and_queue(t *testing.T) {
	for name, c := range map[string]struct {
		rule sqstest.Rule
		want string // which of these fail: create and list, and write, read and purge of a and b
	}{
		"everything":            {sqstest.Rule{Error: sqs.ErrInternal}, "create list write-a write-b purge-a purge-b"},
		"an_action":             {sqstest.Rule{Action: "SendMessage", Error: sqs.ErrInternal}, "write-a write-b"},
		"a_queue":               {sqstest.Rule{Queue: "a", Error: sqs.ErrInternal}, "create write-a purge-a"},
		"a_queue_by_URL":        {sqstest.Rule{Queue: "http://sqs.example/000000000000/a", Error: sqs.ErrInternal}, "create write-a purge-a"},
		"an_action_and_a_queue": {sqstest.Rule{Action: "PurgeQueue", Queue: "b", Error: sqs.ErrInternal}, "purge-b"},
		"nothing":               {sqstest.Rule{Queue: "c", Error: sqs.ErrInternal}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
				ctx := t.Context()
				a, b := create(t, conn, "a"), create(t, conn, "b")
				fault := srv.Fail(c.rule)
				var failed []string
				try := func(name string, err error) {
					if err != nil {
						failed = append(failed, name)
					}
				}
				_, err := conn.CreateQueue(ctx, "a")
				try("create", err)
				_, err = conn.AllQueues(ctx, "")
				try("list", err)
				try("write-a", a.Write(ctx, a.NewMessage("m")))
				try("write-b", b.Write(ctx, b.NewMessage("m")))
				try("purge-a", a.Purge(ctx))
				try("purge-b", b.Purge(ctx))
				if got := strings.Join(failed, " "); got != c.want || fault.Fired() != len(failed) {
					t.Errorf("got %q and fired %d times, want %q", got, fault.Fired(), c.want)
				}
				fault.Stop()
				if err := a.Purge(ctx); err != nil {
					t.Errorf("after Stop: %v", err)
				}
			})
		})
	}
}

func TestFail_rules_make_a_script(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		srv.Fail(sqstest.Rule{Reorder: true}) // about answers: in nobody's way
		srv.Fail(sqstest.Rule{Queue: "q", Error: sqs.ErrInternal, Times: 2})
		srv.Fail(sqstest.Rule{Queue: "q", Error: "RequestThrottled", Times: 1})
		for i, want := range []error{sqs.ErrInternal, sqs.ErrInternal, sqs.ErrorCode("RequestThrottled"), nil} {
			if err := q.Write(t.Context(), q.NewMessage("m")); !errors.Is(err, want) {
				t.Errorf("write %d: got %v, want %v", i+1, err, want)
			}
		}
	})
}

func TestFail_latency(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		srv.Fail(sqstest.Rule{Action: "SendMessage", Latency: 3 * time.Second, Times: 1})
		srv.Fail(sqstest.Rule{Action: "SendMessage", Latency: 5 * time.Second, Error: sqs.ErrInternal, Times: 1})
		for _, want := range []struct {
			took time.Duration
			err  error
		}{{3 * time.Second, nil}, {5 * time.Second, sqs.ErrInternal}, {0, nil}} {
			began := time.Now()
			err := q.Write(t.Context(), q.NewMessage("m"))
			if took := time.Since(began); took != want.took || !errors.Is(err, want.err) {
				t.Errorf("got %v after %v, want %v after %v", err, took, want.err, want.took)
			}
		}
	})
}

func TestFail_latency_beyond_the_client_s_patience_has_no_effect(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		srv.Fail(sqstest.Rule{Action: "SendMessage", Latency: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Write(ctx, q.NewMessage("m")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		time.Sleep(2 * time.Minute)
		wantMessages(t, srv, "q")
	})
}

func TestFail_drops_connections(t *testing.T) {
	for name, c := range map[string]struct {
		drop sqstest.Drop
		want []string
	}{
		"request_has_no_effect":   {sqstest.DropRequest, nil},
		"answer_after_the_effect": {sqstest.DropAnswer, []string{"m, visible, 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
				q := create(t, conn, "q")
				srv.Fail(sqstest.Rule{Action: "SendMessage", Drop: c.drop, Times: 1})
				err := q.Write(t.Context(), q.NewMessage("m"))
				if _, answered := errors.AsType[*sqs.Error](err); err == nil || answered {
					t.Errorf("got %v, want the error of a connection", err)
				}
				wantMessages(t, srv, "q", c.want...)
				write(t, q, "next") // over another connection
			})
		})
	}
}

func TestFail_drops_connections_of_sockets(t *testing.T) {
	srv := sqstest.New(t)
	conn := connect(t, srv, sqs.WithEndpoint(srv.URL()), sqs.WithHTTPClient(nil))
	srv.Fail(sqstest.Rule{Drop: sqstest.DropRequest, Times: 1})
	if _, err := conn.AllQueues(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "EOF") {
		t.Errorf("got %v, want EOF", err)
	}
}

func TestFail_can_be_called_while_requests_run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		q := create(t, connect(t, srv), "q")
		for range 8 {
			go func() {
				for range 50 {
					_ = q.Write(t.Context(), q.NewMessage("m"))
				}
			}()
		}
		for range 50 {
			fault := srv.Fail(sqstest.Rule{Queue: "q", Error: sqs.ErrInternal, Times: 1})
			fault.Stop()
			fault.Fired()
		}
		synctest.Wait()
		srv.Messages("q")
	})
}
