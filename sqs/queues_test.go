package sqs_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

func TestQueueLifeCycle(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		created := create(t, conn, "orders", sqs.WithVisibilityTimeout(0))
		if d, err := created.Timeout(ctx); d != 0 || err != nil {
			t.Errorf("got timeout %v, %v; want the 0 that was asked for", d, err)
		}
		if _, err := conn.CreateQueue(ctx, "orders", sqs.WithVisibilityTimeout(time.Minute)); !errors.Is(err, sqs.ErrQueueNameExists) {
			t.Errorf("create again with another timeout: got %v, want ErrQueueNameExists", err)
		}

		found, err := conn.Queue(ctx, "orders")
		if err != nil || found.URL() != created.URL() {
			t.Fatalf("got %v, %v; want %v", found, err, created)
		}
		if err := conn.DeleteQueue(ctx, found); err != nil {
			t.Fatal(err)
		}
		if q, err := conn.Queue(ctx, "orders"); q != nil || !errors.Is(err, sqs.ErrQueueDoesNotExist) {
			t.Errorf("after delete: got %v, %v; want ErrQueueDoesNotExist", q, err)
		}
		if err := found.Write(ctx, found.NewMessage("x")); !errors.Is(err, sqs.ErrQueueDoesNotExist) {
			t.Errorf("write after delete: got %v, want ErrQueueDoesNotExist", err)
		}
	})
}

func TestQueueNames(t *testing.T) {
	for _, test := range []struct{ url, region, id, account, name, arn string }{
		{"https://sqs.us-east-1.amazonaws.com/123456789012/orders", "us-east-1",
			"/123456789012/orders", "123456789012", "orders", "arn:aws:sqs:us-east-1:123456789012:orders"},
		{"http://127.0.0.1:9324//000000000000//a.fifo/", "cn-north-1",
			"/000000000000/a.fifo", "000000000000", "a.fifo", "arn:aws-cn:sqs:cn-north-1:000000000000:a.fifo"},
		{"https://proxy.test/some/prefix/123456789012/q", "us-gov-west-1",
			"/some/prefix/123456789012/q", "123456789012", "q", "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q"},
		{"orders", "us-east-1", "/orders", "", "orders", "arn:aws:sqs:us-east-1::orders"},
		{"", "us-east-1", "", "", "", "arn:aws:sqs:us-east-1::"},
	} {
		conn := connect(t, "", sqs.WithRegion(test.region))
		q := conn.QueueFromURL(test.url)
		got := []string{q.URL(), q.ID(), q.Account(), q.Name(), q.ARN()}
		if want := []string{test.url, test.id, test.account, test.name, test.arn}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The server's own ARN is the computed one, when the connection knows the region.
func TestARNIsTheServers(t *testing.T) {
	conn := connect(t, newServer(t), sqs.WithRegion("eu-west-1"))
	q := create(t, conn, "orders")
	if got, err := q.Attribute(t.Context(), sqs.AttributeQueueARN); got != q.ARN() || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, q.ARN())
	}
	if got, err := q.Attribute(t.Context(), sqs.AttributePolicy); got != "" || err != nil {
		t.Errorf("got policy %q, %v; want none", got, err)
	}
	if _, err := q.Attribute(t.Context(), "Colour"); !errors.Is(err, sqs.ErrInvalidAttributeName) {
		t.Errorf("got %v, want ErrInvalidAttributeName", err)
	}
}

func TestQueues(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		for _, name := range []string{"orders-1", "orders-2", "other"} {
			create(t, conn, name)
		}
		all, err := conn.AllQueues(t.Context(), "")
		if err != nil || len(all) != 3 {
			t.Errorf("got %v, %v; want 3 queues", all, err)
		}
		var names []string
		for q, err := range conn.Queues(t.Context(), "orders") {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, q.Name())
		}
		if want := []string{"orders-1", "orders-2"}; !slices.Equal(names, want) {
			t.Errorf("got %q, want %q", names, want)
		}
		if none, err := conn.AllQueues(t.Context(), "nothing"); len(none) != 0 || err != nil {
			t.Errorf("got %v, %v; want no queue and no error", none, err)
		}
	})
}

// pages answers ListQueues with pages of two queues.
func pages(t *testing.T, total int) *fake {
	return &fake{answer: func(r *request) (*http.Response, error) {
		var in api.ListQueuesInput
		r.decode(t, &in)
		start := 0
		if in.NextToken != nil {
			fmt.Sscan(*in.NextToken, &start)
		}
		var out api.ListQueuesOutput
		for i := start; i < min(start+2, total); i++ {
			out.QueueURLs = append(out.QueueURLs, fmt.Sprintf("http://sqs.test/1/q%d", i))
		}
		if start+2 < total {
			out.NextToken = new(fmt.Sprint(start + 2))
		}
		return r.ok(&out)
	}}
}

func TestQueuesPages(t *testing.T) {
	t.Run("to_the_end", func(t *testing.T) {
		f := pages(t, 5)
		all, err := fakeQueue(t, f).Connection().AllQueues(t.Context(), "")
		if err != nil || len(all) != 5 || all[4].Name() != "q4" || len(f.requests()) != 3 {
			t.Errorf("got %v, %v in %d requests; want q0 to q4 in 3", all, err, len(f.requests()))
		}
	})
	t.Run("as_far_as_the_loop_goes", func(t *testing.T) {
		f := pages(t, 5)
		for range fakeQueue(t, f).Connection().Queues(t.Context(), "") {
			break
		}
		if n := len(f.requests()); n != 1 {
			t.Errorf("got %d requests, want 1", n)
		}
	})
	t.Run("error_ends_the_loop", func(t *testing.T) {
		f := &fake{answer: func(r *request) (*http.Response, error) {
			if strings.Contains(r.Body, "NextToken") {
				return r.fail(api.AccessDenied.New("x"))
			}
			return r.ok(&api.ListQueuesOutput{QueueURLs: []string{"http://sqs.test/1/q0"}, NextToken: new("t")})
		}}
		got, err := fakeQueue(t, f).Connection().AllQueues(t.Context(), "")
		if len(got) != 1 || !errors.Is(err, sqs.ErrAccessDenied) {
			t.Errorf("got %v, %v; want one queue and ErrAccessDenied", got, err)
		}
	})
}

func TestAttributes(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q := create(t, conn, "orders", sqs.WithQueueAttribute(sqs.AttributeDelaySeconds, "7"))
		all, err := q.Attributes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := all.Duration(sqs.AttributeDelaySeconds); d != 7*time.Second || err != nil {
			t.Errorf("got delay %v, %v; want 7s", d, err)
		}
		if at, err := all.Time(sqs.AttributeCreatedTimestamp); err != nil || time.Since(at).Abs() > time.Hour {
			t.Errorf("got created %v, %v; want about now", at, err)
		}
		if _, err := all.Int("Nothing"); err == nil {
			t.Error("an absent attribute has a value")
		}

		if err := q.SetTimeout(ctx, 45*time.Second); err != nil {
			t.Fatal(err)
		}
		if d, err := q.Timeout(ctx); d != 45*time.Second || err != nil {
			t.Errorf("got timeout %v, %v; want 45s", d, err)
		}
		if err := q.SetAttributes(ctx, sqs.Attributes{sqs.AttributeDelaySeconds: "901", sqs.AttributeVisibilityTimeout: "1"}); !errors.Is(err, sqs.ErrInvalidAttributeValue) {
			t.Errorf("got %v, want ErrInvalidAttributeValue", err)
		}
		if err := q.SetAttribute(ctx, "Colour", "red"); !errors.Is(err, sqs.ErrInvalidAttributeName) {
			t.Errorf("got %v, want ErrInvalidAttributeName", err)
		}
		some, err := q.Attributes(ctx, sqs.AttributeVisibilityTimeout)
		if err != nil || len(some) != 1 || some[sqs.AttributeVisibilityTimeout] != "45" {
			t.Errorf("got %v, %v; want the timeout only, unchanged", some, err)
		}
	})
}

func TestAttributesTime(t *testing.T) {
	as := sqs.Attributes{"seconds": "1700000000", "milliseconds": "1700000000123", "word": "soon"}
	for name, want := range map[string]int64{"seconds": 1700000000000, "milliseconds": 1700000000123} {
		if got, err := as.Time(name); got.UnixMilli() != want || err != nil {
			t.Errorf("%s: got %v, %v; want %d", name, got, err, want)
		}
	}
	if _, err := as.Time("word"); err == nil {
		t.Error("a word is a time")
	}
}

func TestCountAndPurge(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q := create(t, conn, "orders")
		for range 4 {
			write(t, q, "x")
		}
		delayed := q.NewMessage("later")
		delayed.Delay = new(time.Minute)
		if err := q.Write(t.Context(), delayed); err != nil {
			t.Fatal(err)
		}
		read(t, q)
		if n, err := q.Count(t.Context()); n != 3 || err != nil {
			t.Errorf("got count %d, %v; want 3, without the delayed one and the one in flight", n, err)
		}
		if err := q.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := q.Count(t.Context()); n != 0 || err != nil {
			t.Errorf("got count %d, %v after a purge; want 0", n, err)
		}
	})
}
