package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// localQueue is a new queue on a server of the example's own.
func localQueue() (*sqs.Queue, func()) {
	conn, done := local()
	q, err := conn.CreateQueue(context.Background(), "orders")
	if err != nil {
		log.Fatal(err)
	}
	return q, done
}

func ExampleQueueOf_Write() {
	q, done := localQueue()
	defer done()
	m := q.NewMessage("two boxes")
	m.MessageAttributes = map[string]sqs.MessageAttribute{
		"customer": sqs.StringAttribute("Ada"),
		"weight":   sqs.NumberAttribute("12.5"),
	}
	m.Delay = new(10 * time.Second) // nil: the queue's own delay
	if err := q.Write(context.Background(), m); err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.ID != "", m.MD5)
	// Output: true 3175684f6b76be87ce4c339c76842f97
}

func ExampleQueueOf_WriteBatch() {
	q, done := localQueue()
	defer done()
	var messages []*sqs.Message
	for i := range 25 { // sent in three requests
		messages = append(messages, q.NewMessage(fmt.Sprint("order ", i)))
	}
	messages[3].Delay = new(time.Hour) // beyond SQS's 15 minutes
	results, err := q.WriteBatch(context.Background(), messages)
	fmt.Println(len(results.Results), "written")
	for _, e := range results.Errors {
		fmt.Println("entry", e.Index, "is invalid:", errors.Is(e.Err, sqs.ErrInvalidParameterValue))
	}
	fmt.Println(err != nil)
	// Output:
	// 24 written
	// entry 3 is invalid: true
	// true
}

func ExampleQueueOf_Read() {
	q, done := localQueue()
	defer done()
	m, err := q.Read(context.Background(), sqs.WithWait(0))
	switch {
	case errors.Is(err, sqs.ErrNoMessage):
		fmt.Println("nothing to do")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println(m.Body)
	}
	// Output: nothing to do
}

func ExampleQueueOf_Messages() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if _, err := q.WriteBatch(ctx, []*sqs.Message{{Body: "first"}, {Body: "second"}}); err != nil {
		log.Fatal(err)
	}
	messages, err := q.Messages(ctx, 10, sqs.WithVisibility(time.Minute), sqs.WithAttributes(sqs.SystemAttributeReceiveCount))
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range messages {
		fmt.Println(m.Body, m.Attributes[sqs.SystemAttributeReceiveCount])
	}
	if _, err := q.DeleteMessageBatch(ctx, sqs.ReceiptHandles(messages)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// first 1
	// second 1
}

func ExampleMessageOf_ChangeVisibility() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.Write(ctx, q.NewMessage("job")); err != nil {
		log.Fatal(err)
	}
	m, err := q.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := m.ChangeVisibility(ctx, 10*time.Minute); err != nil { // it takes longer than thought
		log.Fatal(err)
	}
	if err := m.ChangeVisibility(ctx, 0); err != nil { // give it back
		log.Fatal(err)
	}
	m, err = q.Read(ctx)
	fmt.Println(m.Body, err)
	// Output: job <nil>
}

func ExampleQueueOf_ChangeMessageVisibilityBatch() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if _, err := q.WriteBatch(ctx, []*sqs.Message{{Body: "first"}, {Body: "second"}}); err != nil {
		log.Fatal(err)
	}
	messages, err := q.Messages(ctx, 10)
	if err != nil {
		log.Fatal(err)
	}
	var changes []sqs.VisibilityChange
	for _, m := range messages {
		changes = append(changes, sqs.VisibilityChange{ReceiptHandle: m.ReceiptHandle, Timeout: 0})
	}
	results, err := q.ChangeMessageVisibilityBatch(ctx, changes)
	fmt.Println(len(results.Results), err)
	// Output: 2 <nil>
}

func ExampleQueueOf_Attributes() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.SetAttributes(ctx, sqs.Attributes{sqs.AttributeDelaySeconds: "90", sqs.AttributeMaximumMessageSize: "2048"}); err != nil {
		log.Fatal(err)
	}
	attributes, err := q.Attributes(ctx, sqs.AttributeDelaySeconds, sqs.AttributeMaximumMessageSize)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(slices.Sorted(maps.Keys(attributes)))
	delay, err := attributes.Duration(sqs.AttributeDelaySeconds)
	fmt.Println(delay, err)
	// Output:
	// [DelaySeconds MaximumMessageSize]
	// 1m30s <nil>
}

func ExampleQueueOf_SetTimeout() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.SetTimeout(ctx, 45*time.Second); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Timeout(ctx))
	// Output: 45s <nil>
}

func ExampleQueueOf_Purge() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.Write(ctx, q.NewMessage("x")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Count(ctx))
	if err := q.Purge(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Count(ctx))
	// Output:
	// 1 <nil>
	// 0 <nil>
}

// Programs that do not use boto write text as it is.
func ExampleAs() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	raw := sqs.As(q, sqs.RawMessage{})
	if err := raw.Write(ctx, raw.NewMessage(`{"id": 7}`)); err != nil {
		log.Fatal(err)
	}
	m, err := raw.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Stored(), m.Body == m.Stored())
	// Output: {"id": 7} true
}

func ExampleBinaryMessage() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	binary := sqs.As(q, sqs.BinaryMessage{})
	if err := binary.Write(ctx, binary.NewMessage([]byte{0xff, 0x00})); err != nil {
		log.Fatal(err)
	}
	m, err := binary.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %x\n", m.Stored(), m.Body)
	// Output: /wA= ff00
}

func ExampleDecodeError() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	raw := sqs.As(q, sqs.RawMessage{})
	if err := raw.Write(ctx, raw.NewMessage("not base64")); err != nil {
		log.Fatal(err)
	}
	m, err := q.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if m.DecodeError != nil {
		fmt.Println(m.DecodeError)
	}
	fmt.Println(m.Body) // the text as it was found
	// Output:
	// sqs: decode body: not base64: one more character than a multiple of 4
	// not base64
}

// Words is a message class of the program's own: lists of words, stored with commas.
type Words struct{}

// Encode joins the words.
func (Words) Encode(body []string) (string, error) {
	for _, word := range body {
		if strings.Contains(word, ",") {
			return "", fmt.Errorf("%q has a comma", word)
		}
	}
	return strings.Join(body, ","), nil
}

// Decode splits them again.
func (Words) Decode(stored string) ([]string, error) { return strings.Split(stored, ","), nil }

func ExampleCodec() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	words := sqs.As(q, Words{})
	if err := words.Write(ctx, words.NewMessage([]string{"pink", "dolphin"})); err != nil {
		log.Fatal(err)
	}
	m, err := words.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(m.Body), m.Body[1], m.Stored())
	// Output: 2 dolphin pink,dolphin
}
