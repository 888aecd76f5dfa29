package service

import (
	"context"
	"strconv"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// PeekReceiptHandle is the receipt handle of every message that was looked at and not received: LocalStack's. No action
// takes it.
const PeekReceiptHandle = "SQS/BACKDOOR/ACCESS"

// What one PeekMessages returns, and how far it looks for it. The bounds are ours: a queue may hold millions of
// messages of 1 MiB, of which nothing else in the server ever keeps more than a window in memory.
const (
	maxPeeked       = 1_000
	maxPeekedBytes  = 8 << 20 // of bodies: about what a request may have, too
	maxLookedAt     = 10_000
	maxLookedAtSize = 64 << 20

	peekPage      = 100
	peekPageBytes = 4 << 20 // a page ends with the message that reaches it
)

// PeekMessagesInput names a queue by its URL and says which messages beside the visible ones to show. Region is empty for
// that of the caller.
type PeekMessagesInput struct {
	QueueURL      string
	Region        string
	ShowInvisible bool // those in flight, and the attribute IsVisible on all
	ShowDelayed   bool // those whose delay runs, and the attribute IsDelayed on all
}

// PeekMessages shows the messages of a queue in the order in which they were sent, without receiving them: no receive is
// counted and nothing is hidden. It is LocalStack's endpoint /_aws/sqs/messages; SQS has no such action.
//
// Order of checks: a queue named at all; a URL that can be taken apart; the queue.
//
// Errors: QueueDoesNotExist, also without QueueUrl; InvalidAddress for a URL that has no account and name.
//
// LocalStack's quirks kept: every system attribute and message attribute is there, whatever was asked for; the receipt
// handle is always the same; limits on the number of messages are ignored.
//
// Gaps: the oldest 10,000 messages of the queue or 64 MiB of them are looked at, and 1,000 or 8 MiB of those are returned,
// the message that reaches the bound included. LocalStack returns all.
func (s *Service) PeekMessages(ctx context.Context, c *Call, in *PeekMessagesInput) (*api.ReceiveMessageOutput, error) {
	k, err := c.peekKey(in)
	if err != nil {
		return nil, err
	}
	q, err := s.open(k)
	if err != nil {
		return nil, err
	}
	pk := &peek{in: in, system: newSystemFilter([]string{api.All}), user: newAttributeFilter([]string{api.All})}
	if err := pk.look(ctx, q); err != nil {
		return nil, fault(err, k.Name)
	}
	return &api.ReceiveMessageOutput{Messages: pk.found}, nil
}

// peekKey: unlike everywhere else a URL that cannot be taken apart is not a missing queue (LocalStack). A bare name is
// a queue of the caller, as everywhere.
func (c *Call) peekKey(in *PeekMessagesInput) (engine.Key, error) {
	named := *c
	named.Protocol = api.JSON // the path is not that of a queue
	if in.Region != "" {
		named.Region = in.Region
	}
	k, err := named.key(in.QueueURL)
	if err != nil && in.QueueURL != "" {
		return k, api.InvalidAddress.New(clip(in.QueueURL))
	}
	return k, err
}

// peek is what one PeekMessages has found so far.
type peek struct {
	in     *PeekMessagesInput
	system systemFilter
	user   attributeFilter
	found  []api.Message
	bytes  int // of their bodies
}

// look goes through the queue until there is nothing more or enough was seen.
func (pk *peek) look(ctx context.Context, q *engine.Queue) error {
	looked, size := 0, 0
	for from := uint64(1); from != 0 && looked < maxLookedAt && size < maxLookedAtSize; looked += peekPage {
		page, next, err := q.PeekPage(ctx, from, peekPage, peekPageBytes)
		if err != nil {
			return err
		}
		for i := range page {
			size += len(page[i].Body)
			pk.add(&page[i])
			if len(pk.found) >= maxPeeked || pk.bytes >= maxPeekedBytes {
				return nil
			}
		}
		from = next
	}
	return nil
}

// add keeps a message in the shape of a receive, if it is to be shown.
func (pk *peek) add(p *engine.Peeked) {
	if p.State == engine.InFlight && !pk.in.ShowInvisible || p.State == engine.Delayed && !pk.in.ShowDelayed {
		return
	}
	d := engine.Delivery{
		Message: p.Message, Handle: PeekReceiptHandle, SequenceNumber: p.SequenceNumber,
		ReceiveCount: p.ReceiveCount, FirstReceive: p.FirstReceive,
	}
	m := shape(&d, pk.system, pk.user)
	if pk.in.ShowInvisible {
		m.Attributes = append(m.Attributes, api.Attribute{Name: "IsVisible", Value: strconv.FormatBool(p.State != engine.InFlight)})
	}
	if pk.in.ShowDelayed {
		m.Attributes = append(m.Attributes, api.Attribute{Name: "IsDelayed", Value: strconv.FormatBool(p.State == engine.Delayed)})
	}
	pk.found = append(pk.found, m)
	pk.bytes += len(p.Body)
}
