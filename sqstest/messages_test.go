package sqstest_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufeomq/bufeo/sqs"
	"github.com/bufeomq/bufeo/sqstest"
)

func TestMessages_states(t *testing.T) {
	eachProtocol(t, func(t *testing.T, srv *sqstest.Server, conn *sqs.Connection) {
		q := create(t, conn, "q")
		write(t, q, "deleted", "taken", "waiting")
		m := q.NewMessage("later")
		m.Delay = new(time.Minute)
		if err := q.Write(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if err := read(t, q).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		read(t, q)
		wantMessages(t, srv, "q", "taken, in flight, 1", "waiting, visible, 0", "later, delayed, 0")
		wantMessages(t, srv, q.URL(), "taken, in flight, 1", "waiting, visible, 0", "later, delayed, 0")
		time.Sleep(time.Minute)
		wantMessages(t, srv, "q", "taken, visible, 1", "waiting, visible, 0", "later, visible, 0")
	})
}

func TestMessages_has_all_of_a_message(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sqstest.New(t)
		q := create(t, connect(t, srv), "q")
		sent := time.Now()
		m := q.NewMessage("a book")
		m.GroupID, m.TraceHeader = "books", "Root=1-5759e988-bd862e3fe1be46a994272793"
		m.MessageAttributes = map[string]sqs.MessageAttribute{
			"price": sqs.NumberAttribute("12.5"),
			"cover": sqs.BinaryAttribute([]byte{0xff, 0xd8}),
		}
		if err := q.Write(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		read(t, q)
		got := srv.Messages("q")
		if len(got) != 1 {
			t.Fatalf("got %v", got)
		}
		want := sqstest.Message{
			ID:            m.ID,
			Body:          "a book",
			Attributes:    m.MessageAttributes,
			GroupID:       m.GroupID,
			TraceHeader:   m.TraceHeader,
			SenderID:      "sqstest",
			State:         sqstest.InFlight,
			ReceiveCount:  1,
			Sent:          sent.Local(),
			FirstReceived: sent.Add(3 * time.Second).Local(),
		}
		if !got[0].Sent.Equal(want.Sent) || !got[0].FirstReceived.Equal(want.FirstReceived) {
			t.Errorf("got sent %v and received %v, want %v and %v", got[0].Sent, got[0].FirstReceived, want.Sent, want.FirstReceived)
		}
		got[0].Sent, got[0].FirstReceived = want.Sent, want.FirstReceived
		if !reflect.DeepEqual(got[0], want) {
			t.Errorf("got %+v, want %+v", got[0], want)
		}
	})
}

func TestMessages_finds_queues_of_other_regions(t *testing.T) {
	srv := sqstest.New(t)
	write(t, create(t, connect(t, srv, sqs.WithRegion("sa-east-1")), "q"), "un libro")
	wantMessages(t, srv, "q", "un libro, visible, 0")
	write(t, create(t, connect(t, srv), "q"), "a book")
	wantMessages(t, srv, "q", "a book, visible, 0") // its own region comes first
}

func TestMessages_of_more_than_fits_in_memory(t *testing.T) {
	srv := sqstest.New(t)
	q := create(t, connect(t, srv), "q")
	const n = 3000
	messages := make([]*sqs.Message, n)
	for i := range messages {
		messages[i] = q.NewMessage("m")
	}
	if _, err := q.WriteBatch(context.Background(), messages); err != nil {
		t.Fatal(err)
	}
	if got := len(srv.Messages("q")); got != n {
		t.Errorf("got %d, want %d", got, n)
	}
}

func TestMessages_of_no_queue(t *testing.T) {
	got := fatal(t, func(t testing.TB) { sqstest.New(t).Messages("nowhere") })
	if want := "sqstest: messages of nowhere: queue does not exist"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
