package load

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
)

// Kind is what one step of a Job does.
type Kind int

const (
	// Send stores messages: one request a step.
	Send Kind = iota
	// Cycle sends, receives and deletes: three requests a step, two if the receive finds nothing because another worker
	// took the messages first. Whoever receives a message deletes it.
	Cycle
	// Take receives and deletes: two requests a step, one if the receive finds nothing.
	Take
)

// Job is one operation, repeated by many workers on one queue.
type Job struct {
	Kind     Kind
	Target   *Target
	QueueURL string
	Ledger   *Ledger
	Batch    int // messages a request: 1 uses the single actions, up to 10 the batch actions
	BodySize int // bytes, at least MinBody

	// Not required.
	Groups int        // FIFO queues: the messages go to so many groups, in turn
	Delay  func() int // seconds, asked for each request

	untilEmpty bool // Take: a worker that receives nothing ends
}

// step does the operation once and returns how many messages went all of its way. Each worker has steps of its own.
type step func(ctx context.Context, c *client) (messages int, err error)

func (j *Job) newStep() step {
	take := j.newTaker(0).take
	if j.Kind == Take {
		return take
	}
	put := j.put()
	if j.Kind == Send {
		return put
	}
	return func(ctx context.Context, c *client) (int, error) {
		if _, err := put(ctx, c); err != nil {
			return 0, err
		}
		return take(ctx, c)
	}
}

// template is an encoded request whose messages get new ids each time that it is sent.
type template struct {
	call    Call
	request []byte
	ids     []int // where in request each message's id stands; for FIFO queues also those below
	dedups  []int
	groups  []int
}

// variants is how many templates a worker rotates. 16 times 32 workers: a block of the server's storage then rarely
// holds the same filler twice, and compression gains nothing that it would not gain on real bodies.
const variants = 16

// What stands in a template where ids will be: nothing else in a request reads like it.
const (
	idPlace    = 0xb0f0_5eed_0000_0000
	dedupPlace = 0xdedd_5eed_0000_0000
	groupPlace = 0x9609_5eed_0000_0000
)

func (j *Job) newTemplate() template {
	t := template{call: Call{Action: SendMessageBatch, QueueURL: j.QueueURL}}
	if j.Batch == 1 {
		t.call.Action = SendMessage
	}
	rng := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	for i := range j.Batch {
		t.call.Bodies = append(t.call.Bodies, newBody(rng, j.BodySize, idPlace+uint64(i)))
		if j.Groups > 0 {
			t.call.Dedups = append(t.call.Dedups, newBody(rng, idLen, dedupPlace+uint64(i)))
			t.call.Groups = append(t.call.Groups, newBody(rng, idLen, groupPlace+uint64(i)))
		}
	}
	t.encode(j.Target)
	return t
}

func (t *template) encode(to *Target) {
	t.request = to.Protocol.Append(t.request[:0], to, &t.call)
	find := func(dst []int, values [][]byte) []int {
		dst = dst[:0]
		for _, v := range values {
			dst = append(dst, bytes.Index(t.request, v[:idLen]))
		}
		return dst
	}
	t.ids, t.dedups, t.groups = find(t.ids, t.call.Bodies), find(t.dedups, t.call.Dedups), find(t.groups, t.call.Groups)
}

// number gives the messages the ids from first on.
func (t *template) number(first uint64, groups int) {
	for i, at := range t.ids {
		putID(t.request[at:], first+uint64(i))
	}
	for i, at := range t.dedups {
		putID(t.request[at:], first+uint64(i))
	}
	for i, at := range t.groups {
		putID(t.request[at:], (first+uint64(i))%uint64(groups))
	}
}

// put returns the step that sends one request.
func (j *Job) put() step {
	action := SendMessageBatch
	if j.Batch == 1 {
		action = SendMessage
	}
	templates := make([]template, variants)
	for i := range templates {
		templates[i] = j.newTemplate()
	}
	turn := 0
	return func(ctx context.Context, c *client) (int, error) {
		t := &templates[turn%variants]
		turn++
		if j.Delay != nil {
			if d := j.Delay(); d != t.call.Delay {
				t.call.Delay = d
				t.encode(j.Target)
			}
		}
		first, err := j.Ledger.reserve(j.Batch)
		if err != nil {
			return 0, err
		}
		t.number(first, j.Groups)
		answer, err := c.do(ctx, action, t.request)
		if err != nil {
			return 0, err
		}
		if n := j.Target.Protocol.Succeeded(action, answer); n != j.Batch {
			return 0, fmt.Errorf("%s: %d of %d entries confirmed: %.300s", action, n, j.Batch, answer)
		}
		j.Ledger.sent(first, j.Batch)
		return j.Batch, nil
	}
}

// taker receives and deletes on behalf of one worker; its buffers are used again.
type taker struct {
	job     *Job
	receive []byte // the request
	got     []Delivery
	del     Call
	request []byte
}

// newTaker returns one whose receives wait up to wait seconds.
func (j *Job) newTaker(wait int) *taker {
	call := Call{Action: ReceiveMessage, QueueURL: j.QueueURL, Max: j.Batch, Wait: wait}
	t := &taker{
		job:     j,
		receive: j.Target.Protocol.Append(nil, j.Target, &call),
		del:     Call{Action: DeleteMessageBatch, QueueURL: j.QueueURL},
	}
	if j.Batch == 1 {
		t.del.Action = DeleteMessage
	}
	return t
}

// take is the step that receives once and deletes what came.
func (t *taker) take(ctx context.Context, c *client) (int, error) {
	if n, err := t.find(ctx, c); n == 0 || err != nil {
		return 0, err
	}
	return t.remove(ctx, c)
}

// find receives. The messages are valid until the client's next request.
func (t *taker) find(ctx context.Context, c *client) (int, error) {
	answer, err := c.do(ctx, ReceiveMessage, t.receive)
	if err != nil {
		return 0, err
	}
	if t.got, err = t.job.Target.Protocol.Deliveries(t.got[:0], answer); err != nil {
		return 0, err
	}
	if len(t.got) > t.job.Batch {
		return 0, fmt.Errorf("%s: %d messages, asked for at most %d", ReceiveMessage, len(t.got), t.job.Batch)
	}
	t.del.Handles = t.del.Handles[:0]
	for _, d := range t.got {
		t.job.Ledger.got(d.Body)
		t.del.Handles = append(t.del.Handles, d.Handle)
	}
	return len(t.got), nil
}

// remove deletes what find received.
func (t *taker) remove(ctx context.Context, c *client) (int, error) {
	p := t.job.Target.Protocol
	t.request = p.Append(t.request[:0], t.job.Target, &t.del) // copies the handles before the answer is overwritten
	answer, err := c.do(ctx, t.del.Action, t.request)
	if err != nil {
		return 0, err
	}
	if n := p.Succeeded(t.del.Action, answer); n != len(t.got) {
		return 0, fmt.Errorf("%s: %d of %d entries confirmed: %.300s", t.del.Action, n, len(t.got), answer)
	}
	return len(t.got), nil
}
