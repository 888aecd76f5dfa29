package sqstest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestNew_servers_share_nothing(t *testing.T) {
	for i := range 100 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			srv := sqstest.New(t)
			body := fmt.Sprintf("of server %d", i)
			q := create(t, connect(t, srv), "q")
			srv.Fail(sqstest.Rule{Action: "DeleteMessage", Error: sqs.ErrInternal, Times: i % 2})
			write(t, q, body)
			wantMessages(t, srv, "q", body+", visible, 0")
			if got := read(t, q).Body; got != body {
				t.Errorf("read: got %q, want %q", got, body)
			}
		})
	}
}

func TestNew_closes_at_the_end_of_the_test(t *testing.T) {
	var conn *sqs.Connection
	var url string
	t.Run("inner", func(t *testing.T) {
		srv := sqstest.New(t)
		conn, url = connect(t, srv), srv.URL()
		create(t, conn, "q")
	})
	if _, err := conn.Queue(t.Context(), "q"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("over a pipe: got %v, want net.ErrClosed", err)
	}
	if answer, err := http.Get(url); err == nil {
		answer.Body.Close()
		t.Errorf("over a socket: got %s, want a refused connection", answer.Status)
	}
}

// A bubble fails when a goroutine of it is left.
func TestNew_leaves_no_goroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		conn := connect(t, srv)
		q := create(t, conn, "q")
		for range 10 {
			go q.Read(context.Background(), sqs.WithWait(20*time.Second))
		}
		srv.Fail(sqstest.Rule{Action: "ListQueues", Latency: time.Hour})
		go conn.AllQueues(context.Background(), "")
		synctest.Wait() // ten long polls wait, and one request is held
		began := time.Now()
		t.Cleanup(func() { // runs before that of the server
			if took := time.Since(began); took != 0 {
				t.Errorf("time passed: %v", took)
			}
		})
	})
}

func TestNew_refuses_bad_options(t *testing.T) {
	got := fatal(t, func(t testing.TB) { sqstest.New(t, func(o *sqstest.Options) { o.Account = "me" }) })
	if want := "Account is \"me\", want 12 digits"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNew_says_what_is_stuck_at_the_end(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := &fakeT{TB: t}
		srv := sqstest.New(inner)
		pipe, err := srv.Client().Transport.(*http.Transport).DialContext(t.Context(), "tcp", "localhost:80")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(pipe, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n")
		synctest.Wait() // the server reads a body that does not come
		inner.end()
		if want := "1 request(s) were cut off"; !strings.Contains(inner.failure, want) {
			t.Errorf("got %q, want %q", inner.failure, want)
		}
	})
}

func TestConfig_has_region_and_account(t *testing.T) {
	srv := sqstest.New(t, func(o *sqstest.Options) { o.Region, o.Account = "eu-west-1", "123456789012" })
	q := create(t, connect(t, srv), "q")
	arn, err := q.Attribute(t.Context(), sqs.AttributeQueueARN)
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sqs:eu-west-1:123456789012:q"; arn != want {
		t.Errorf("got %s, want %s", arn, want)
	}
}

func TestURL_leads_to_the_same_queues(t *testing.T) {
	srv := sqstest.New(t)
	if first, second := srv.URL(), srv.URL(); first != second {
		t.Errorf("got %s, then %s", first, second)
	}
	inProcess := create(t, connect(t, srv), "q")
	socket := connect(t, srv, sqs.WithEndpoint(srv.URL()), sqs.WithHTTPClient(nil))
	write(t, socket.QueueFromURL(inProcess.URL()), "a book")
	if got := read(t, inProcess).Body; got != "a book" {
		t.Errorf("got %q", got)
	}
}

func TestURL_fails_in_a_bubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := fatal(t, func(t testing.TB) { sqstest.New(t).URL() })
		if want := "use Config or Client"; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		conn := connect(t, srv)
		write(t, create(t, conn, "q"), "a book")
		create(t, connect(t, srv, sqs.WithRegion("eu-west-1")), "elsewhere")
		fault := srv.Fail(sqstest.Rule{Error: sqs.ErrInternal, Action: "ListQueues"})
		polled := make(chan error)
		go func() {
			_, err := create(t, conn, "polled").Read(t.Context(), sqs.WithWait(20*time.Second))
			polled <- err
		}()
		synctest.Wait()

		srv.Reset()
		if err := <-polled; !errors.Is(err, sqs.ErrQueueDoesNotExist) {
			t.Errorf("long poll: got %v, want ErrQueueDoesNotExist", err)
		}
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			if all, err := connect(t, srv, sqs.WithRegion(region)).AllQueues(t.Context(), ""); len(all) != 0 || err != nil {
				t.Errorf("queues in %s: got %v, %v", region, all, err)
			}
		}
		if got := fault.Fired(); got != 0 {
			t.Errorf("rule fired %d times", got)
		}
		q := create(t, conn, "q")
		wantMessages(t, srv, "q")
		for range 2 { // nor do purges have to wait
			if err := q.Purge(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBubble_long_poll_ends_with_the_message(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		go func() {
			time.Sleep(7 * time.Second)
			write(t, q, "late")
		}()
		began := time.Now()
		if got := read(t, q, sqs.WithWait(20*time.Second)).Body; got != "late" {
			t.Errorf("got %q", got)
		}
		if got, want := time.Since(began), 7*time.Second; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
		synctest.Wait() // for the write's answer
	})
}

func TestBubble_retention_ends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		q := create(t, connect(t, srv), "q")
		write(t, q, "a book")
		time.Sleep(4*24*time.Hour - time.Second) // SQS's default is 4 days
		wantMessages(t, srv, "q", "a book, visible, 0")
		time.Sleep(time.Second)
		wantMessages(t, srv, "q")
		wantEmpty(t, q)
	})
}
