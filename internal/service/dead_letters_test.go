package service_test

import (
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// The steps are recorded from AWS (test_dead_letter_queue_message_attributes): the receive that would be one too many
// moves the message and returns nothing, and the counts go on in the dead-letter queue.
func TestDeadLettersKeepWhatTheyAre(t *testing.T) {
	for _, c := range []struct {
		name, dead string
		sent       string // SentTimestamp in the dead-letter queue: standard queues keep it, FIFO queues do not (documented)
		new        func(*testing.T, ...api.Attribute) *fixture
	}{
		{"standard", "dead", "1767323045000", func(t *testing.T, _ ...api.Attribute) *fixture { return newFixture(t, nil) }},
		{"fifo", "dead.fifo", "1767323046000", newFIFO},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.new(t)
			source, arn := f.queue, arnOf(f.queue)
			var as []api.Attribute
			if c.name == "fifo" {
				as = []api.Attribute{set(api.FifoQueue, "true")}
			}
			dead := f.create(c.dead, as...)
			want(t, f.update(source, redriveTo(c.dead, 1)), nil, "")
			in := api.SendMessageInput{QueueURL: source, MessageBody: "b", MessageAttributes: []api.MessageAttribute{attribute("n", "String", "v")},
				MessageGroupID: new("g")}
			if c.name == "fifo" {
				in.MessageDeduplicationID = new("d")
			}
			sent, err := f.SendMessage(t.Context(), f.call, &in)
			want(t, err, nil, "")
			f.receive(api.ReceiveMessageInput{})
			f.advance(time.Second)
			if bodies, _ := f.take(api.ReceiveMessageInput{}); bodies != "" {
				t.Errorf("got %q from the source, want nothing", bodies)
			}
			f.queue = dead
			m := f.receive(api.ReceiveMessageInput{AttributeNames: []string{"All"}, MessageAttributeNames: []string{"All"}})
			if m.MessageID != sent.MessageID || m.Body != "b" || m.MD5OfMessageAttributes != sent.MD5OfMessageAttributes {
				t.Errorf("got %+v, want the message that was sent", m)
			}
			for name, want := range map[string]string{
				api.DeadLetterQueueSourceArn: arn,
				api.ApproximateReceiveCount:  "2",
				api.MessageGroupID:           "g",
				api.SentTimestamp:            c.sent,
			} {
				if got := get(m, name); got != want {
					t.Errorf("got %s %q, want %q", name, got, want)
				}
			}
		})
	}
}

func get(m api.Message, name string) string {
	v, _ := m.Attributes.Get(name)
	return v
}
