package sqs_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

// orders makes a queue with a dead-letter queue that gets what was read once.
func orders(t testing.TB, conn *sqs.Connection) (q, dead *sqs.Queue) {
	t.Helper()
	dead = create(t, conn, "orders-dead")
	return create(t, conn, "orders", sqs.WithDeadLetterQueue(dead.ARN(), 1)), dead
}

// kill makes a dead letter of a new message.
func kill(t testing.TB, q *sqs.Queue, body string) {
	t.Helper()
	write(t, q, body)
	read(t, q, sqs.WithVisibility(0))
	wantEmpty(t, q)
}

func TestRedrivePolicy(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q, dead := orders(t, conn)
		attributes, err := q.Attributes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := sqs.RedrivePolicy{DeadLetterTargetARN: dead.ARN(), MaxReceiveCount: 1}
		if got, err := attributes.RedrivePolicy(); got != want || err != nil {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
		kill(t, q, "x")
		if m := read(t, dead); m.Body != "x" {
			t.Errorf("got %q", m.Body)
		}
		if err := q.SetAttribute(t.Context(), sqs.AttributeRedrivePolicy, ""); err != nil {
			t.Fatal(err)
		}
		if attributes, err = q.Attributes(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := attributes.RedrivePolicy(); err == nil {
			t.Errorf("got %+v, want that there is none", got)
		}
	})
	for text, want := range map[string]int{
		`{"maxReceiveCount":"7","deadLetterTargetArn":"a"}`: 7, `{"maxReceiveCount":7,"deadLetterTargetArn":"a"}`: 7,
		`{"maxReceiveCount":"x"}`: 0, `{"deadLetterTargetArn":"a"}`: 0, `nonsense`: 0,
	} {
		got, err := sqs.Attributes{sqs.AttributeRedrivePolicy: text}.RedrivePolicy()
		if (err == nil) != (want > 0) || got.MaxReceiveCount != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	if got, want := (sqs.RedrivePolicy{`a"b`, 3}).String(), `{"deadLetterTargetArn":"a\"b","maxReceiveCount":3}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDeadLetterSourceQueues(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		q, dead := orders(t, conn)
		n := 0
		for source, err := range dead.DeadLetterSourceQueues(t.Context()) {
			if n++; err != nil || source.URL() != q.URL() {
				t.Errorf("got %v, %v; want %v", source, err, q)
			}
		}
		if n != 1 {
			t.Errorf("got %d queues, want 1", n)
		}
		for source, err := range q.DeadLetterSourceQueues(t.Context()) {
			t.Errorf("got %v, %v; want none", source, err)
		}
	})
}

func TestDeadLetterSourceQueues_of_many_pages(t *testing.T) {
	f := &fake{answer: func(r *request) (*http.Response, error) {
		var in api.ListDeadLetterSourceQueuesInput
		r.decode(t, &in)
		page := 0
		if in.NextToken != nil {
			fmt.Sscan(*in.NextToken, &page)
		}
		out := &api.ListDeadLetterSourceQueuesOutput{QueueURLs: []string{fmt.Sprintf("/1/q%d", page)}}
		if page < 2 {
			out.NextToken = new(fmt.Sprint(page + 1))
		}
		return r.ok(out)
	}}
	var names []string
	for q, err := range fakeQueue(t, f).DeadLetterSourceQueues(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, q.Name())
	}
	if want := []string{"q0", "q1", "q2"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestMessageMoveTasks(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		q, dead := orders(t, conn)
		for i := range 3 {
			kill(t, q, fmt.Sprint(i))
		}
		started := time.Now()
		if _, err := dead.StartMessageMoveTask(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			m := read(t, q, sqs.WithWait(20*time.Second))
			if err := m.Delete(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		tasks, err := dead.MessageMoveTasks(t.Context())
		if err != nil || len(tasks) != 1 {
			t.Fatalf("got %+v, %v; want one task", tasks, err)
		}
		want := sqs.MoveTask{Status: "COMPLETED", Source: dead.ARN(), Moved: 3, ToMove: 3, Started: tasks[0].Started}
		if tasks[0] != want || tasks[0].Started.Sub(started).Abs() > time.Second {
			t.Errorf("got %+v, want %+v", tasks[0], want)
		}
	})
}

func TestCancelMessageMoveTask(t *testing.T) {
	inBubble(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q, dead := orders(t, conn)
		other := create(t, conn, "other")
		for i := range 5 {
			kill(t, q, fmt.Sprint(i))
		}
		if _, err := dead.StartMessageMoveTask(ctx, sqs.WithRate(0)); !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("a rate of 0: got %v, want that it is sent, and refused", err)
		}
		handle, err := dead.StartMessageMoveTask(ctx, sqs.WithDestination(other.ARN()), sqs.WithRate(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dead.StartMessageMoveTask(ctx); !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("a second task: got %v", err)
		}
		tasks, err := dead.MessageMoveTasks(ctx)
		if err != nil || len(tasks) != 1 {
			t.Fatalf("got %+v, %v; want one task", tasks, err)
		}
		if got := tasks[0]; got.Handle != handle || got.Status != "RUNNING" || got.Rate != 1 || got.Destination != other.ARN() {
			t.Errorf("got %+v", got)
		}
		if _, err := conn.CancelMessageMoveTask(ctx, handle); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if _, err := conn.CancelMessageMoveTask(ctx, handle); !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("cancel again: got %v", err)
		}
		if _, err := conn.QueueFromURL("/000000000000/absent").StartMessageMoveTask(ctx); !errors.Is(err, sqs.ErrResourceNotFound) {
			t.Errorf("from a queue that is not there: got %v", err)
		}
	})
}

func TestTags(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q := create(t, conn, "orders", sqs.WithTag("team", "red"))
		if err := q.Tag(ctx, map[string]string{"team": "blue", "cost": "", "env": "test"}); err != nil {
			t.Fatal(err)
		}
		if err := q.Untag(ctx, "env", "absent"); err != nil {
			t.Fatal(err)
		}
		got, err := q.Tags(ctx)
		if want := (map[string]string{"team": "blue", "cost": ""}); err != nil || !maps.Equal(got, want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
		if got, err := create(t, conn, "bare").Tags(ctx); got != nil || err != nil {
			t.Errorf("got %v, %v; want none", got, err)
		}
	})
}

func TestPermissions(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		ctx := t.Context()
		q := create(t, conn, "orders")
		if err := q.AddPermission(ctx, "friends", []string{"111111111111", "222222222222"}, []string{"SendMessage", "*"}); err != nil {
			t.Fatal(err)
		}
		if policy, err := q.Attribute(ctx, sqs.AttributePolicy); policy == "" || err != nil {
			t.Errorf("got policy %q, %v", policy, err)
		}
		if err := q.AddPermission(ctx, "friends", []string{"111111111111"}, []string{"*"}); !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("the label again: got %v, want ErrInvalidParameterValue", err)
		}
		if err := q.RemovePermission(ctx, "friends"); err != nil {
			t.Fatal(err)
		}
		if err := q.RemovePermission(ctx, "friends"); !errors.Is(err, sqs.ErrInvalidParameterValue) {
			t.Errorf("remove again: got %v, want ErrInvalidParameterValue", err)
		}
	})
}
