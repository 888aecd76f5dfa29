package gateway_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

// TestDeadLettersOverHTTP has what AWS was recorded doing with dead letters (test_dead_letter_queue_max_receive_count and
// its neighbours), and what it is documented to do, in both protocols and for both kinds of queues.
func TestDeadLettersOverHTTP(t *testing.T) {
	for _, protocol := range []api.Protocol{api.JSON, api.Query} {
		for _, suffix := range []string{"", ".fifo"} {
			t.Run(protocol.String()+suffix, func(t *testing.T) {
				for name, steps := range map[string]func(*letters){
					"moved_by_the_receive_past_the_limit": (*letters).moved,
					"all_of_a_receive":                    (*letters).several,
					"chain":                               (*letters).chain,
					"circle":                              (*letters).circle,
					"queue_that_is_gone":                  (*letters).gone,
					"queue_that_is_gone_and_made_again":   (*letters).again,
					"waiting_consumer":                    (*letters).waiting,
				} {
					t.Run(name, func(t *testing.T) { steps(&letters{newPlay(t, protocol), suffix}) })
				}
			})
		}
	}
}

// letters is a play with queues of one kind, which are called by their names without the suffix.
type letters struct {
	*play
	suffix string
}

// make creates a queue that moves to dead what was received once; "" is none.
func (p *letters) make(name, dead string) {
	p.Helper()
	var as []string
	if p.suffix != "" {
		as = append(as, api.FifoQueue, "true")
	}
	if dead != "" {
		as = append(as, api.RedrivePolicy, redriveTo(dead+p.suffix, 1))
	}
	p.create(name+p.suffix, as...)
}

func (p *letters) link(name, dead string) {
	p.Helper()
	do(p.play, api.SetQueueAttributes, api.SetQueueAttributesInput{QueueURL: name + p.suffix,
		Attributes: pairs([]string{api.RedrivePolicy, redriveTo(dead+p.suffix, 1)})})
}

func (p *letters) send(name, body string) *api.SendMessageOutput {
	p.Helper()
	in := api.SendMessageInput{QueueURL: name + p.suffix, MessageBody: body, MessageGroupID: new(body), MessageAttributes: []api.MessageAttribute{
		{Name: "n", Value: stringValue("v")}}}
	if p.suffix != "" {
		in.MessageDeduplicationID = new(body)
	}
	return do(p.play, api.SendMessage, in)
}

// receive asks for all messages and leaves them visible.
func (p *letters) receive(name string) []api.Message {
	p.Helper()
	return p.poll(name, 0)
}

func (p *letters) poll(name string, wait int) []api.Message {
	p.Helper()
	return do(p.play, api.ReceiveMessage, api.ReceiveMessageInput{QueueURL: name + p.suffix, MaxNumberOfMessages: new(10), VisibilityTimeout: new(0),
		WaitTimeSeconds: &wait, MessageSystemAttributeNames: []string{api.All}, MessageAttributeNames: []string{api.All}}).Messages
}

// want compares the bodies of messages, in any order.
func (p *letters) want(ms []api.Message, bodies ...string) {
	p.Helper()
	var got []string
	for i := range ms {
		got = append(got, ms[i].Body)
	}
	if slices.Sort(got); !slices.Equal(got, bodies) {
		p.Fatalf("got %q, want %q", got, bodies)
	}
}

// wantVisible compares the count of a queue.
func (p *letters) wantVisible(name, n string) {
	p.Helper()
	out := do(p.play, api.GetQueueAttributes, api.GetQueueAttributesInput{QueueURL: name + p.suffix, AttributeNames: []string{api.ApproximateNumberOfMessages}})
	if got, _ := out.Attributes.Get(api.ApproximateNumberOfMessages); got != n {
		p.Errorf("%s has %s messages, want %s", name, got, n)
	}
}

func (p *letters) moved() {
	p.make("dead", "")
	p.make("source", "dead")
	sent := p.send("source", "a")
	first := p.receive("source")
	p.want(first, "a")
	p.advance(time.Second)
	p.want(p.receive("source")) // the one too many
	p.wantVisible("source", "0")
	p.wantVisible("dead", "1")
	dead := p.receive("dead")
	p.want(dead, "a")
	m, before := dead[0], first[0]
	if m.MessageID != sent.MessageID || m.MD5OfBody != sent.MD5OfMessageBody || m.MD5OfMessageAttributes != sent.MD5OfMessageAttributes {
		p.Errorf("got %+v, want the message that was sent as %+v", m, sent)
	}
	for _, name := range []string{api.SentTimestamp, api.ApproximateFirstReceiveTimestamp, api.SenderID, api.MessageGroupID, api.MessageDeduplicationID} {
		want, _ := before.Attributes.Get(name)
		if name == api.SentTimestamp && p.suffix != "" {
			want = "1767323046000" // a FIFO queue's begins anew (AWS developer guide)
		}
		if got, _ := m.Attributes.Get(name); got != want {
			p.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{api.ApproximateReceiveCount: "2", api.DeadLetterQueueSourceArn: arnPrefix + "source" + p.suffix} {
		if got, _ := m.Attributes.Get(name); got != want {
			p.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func (p *letters) several() {
	p.make("dead", "")
	p.make("source", "dead")
	p.send("source", "a")
	p.send("source", "b")
	p.want(p.receive("source"), "a", "b")
	p.send("source", "c")
	p.want(p.receive("source"), "c") // what moves takes no place of the ten
	p.want(p.receive("dead"), "a", "b")
}

func (p *letters) chain() {
	p.make("last", "")
	p.make("second", "last")
	p.make("first", "second")
	p.send("first", "a")
	p.want(p.receive("first"), "a")
	p.want(p.receive("first"))
	p.want(p.receive("second")) // received once already: the count goes on
	last := p.receive("last")
	p.want(last, "a")
	if got, _ := last[0].Attributes.Get(api.DeadLetterQueueSourceArn); got != arnPrefix+"second"+p.suffix {
		p.Errorf("got source %q, want the queue that it came from", got)
	}
}

// circle: a queue can be its own dead-letter queue, or another's whose own it is. Nobody gets the message then, and it
// is still there.
func (p *letters) circle() {
	p.make("self", "")
	p.link("self", "self")
	p.make("there", "")
	p.make("back", "there")
	p.link("there", "back")
	for _, name := range []string{"self", "there"} {
		p.send(name, "a")
		p.want(p.receive(name), "a")
	}
	for range 3 {
		p.want(p.receive("self"))
		p.want(p.receive("there"))
		p.wantVisible("back", "1")
		p.want(p.receive("back"))
		p.wantVisible("there", "1")
	}
	p.wantVisible("self", "1")
}

func (p *letters) gone() {
	p.make("dead", "")
	p.make("source", "dead")
	p.send("source", "a")
	p.want(p.receive("source"), "a")
	do(p.play, api.DeleteQueue, api.DeleteQueueInput{QueueURL: "dead" + p.suffix})
	for _, count := range []string{"2", "3"} {
		ms := p.receive("source")
		p.want(ms, "a")
		if got, _ := ms[0].Attributes.Get(api.ApproximateReceiveCount); got != count {
			p.Errorf("got count %s, want %s", got, count)
		}
	}
}

func (p *letters) again() {
	p.gone()
	p.advance(time.Minute)
	p.make("dead", "")
	p.want(p.receive("source"))
	p.want(p.receive("dead"), "a")
}

func (p *letters) waiting() {
	p.make("dead", "")
	p.make("source", "dead")
	p.send("source", "a")
	p.want(p.receive("source"), "a")
	got := make(chan []api.Message)
	go func() { got <- p.poll("dead", 20) }()
	p.want(p.receive("source"))
	p.want(<-got, "a")
}
