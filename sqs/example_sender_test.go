package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

func ExampleNewSender() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	sender := sqs.NewSender(q, sqs.WithLinger(2*time.Millisecond), sqs.WithParallelRequests(4))
	var wg sync.WaitGroup
	for i := range 100 { // as the handlers of a web server would
		wg.Go(func() {
			if err := sender.Send(ctx, q.NewMessage(fmt.Sprint("order ", i))); err != nil {
				log.Print(err)
			}
		})
	}
	wg.Wait()
	if err := sender.Close(ctx); err != nil {
		log.Fatal(err)
	}
	n, err := q.Count(ctx)
	fmt.Println(n, err)
	// Output: 100 <nil>
}

func ExampleSender_Send() {
	conn, done := local()
	defer done()
	q, err := conn.CreateQueue(context.Background(), "orders")
	if err != nil {
		log.Fatal(err)
	}
	sender := sqs.NewSender(q)
	defer sender.Close(context.Background()) // everything was answered

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	m := q.NewMessage("a book")
	switch err := sender.Send(ctx, m); {
	case err == nil:
		fmt.Println("stored:", m.MD5)
	case errors.Is(err, sqs.ErrMayHaveBeenSent):
		fmt.Println("stored or not: sending it again may double it")
	default:
		fmt.Println("not stored:", err)
	}
	// Output: stored: 560f6b3228c4d4939b1885174a17df1e
}

func ExampleSender_Enqueue() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q, err := conn.CreateQueue(ctx, "orders.fifo",
		sqs.WithQueueAttribute("FifoQueue", "true"), sqs.WithQueueAttribute("ContentBasedDeduplication", "true"))
	if err != nil {
		log.Fatal(err)
	}
	raw := sqs.As(q, sqs.RawMessage{})
	sender := sqs.NewSender(raw, func(o *sqs.SenderOptions) { o.OnePerGroup = true })
	var tickets []*sqs.Ticket[string]
	for _, body := range []string{"opened", "pa\x00id", "shipped"} { // one goroutine, in order
		ticket, err := sender.Enqueue(ctx, &sqs.Message{Body: body, GroupID: "order-17"})
		if err != nil {
			log.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	for _, ticket := range tickets {
		err := ticket.Wait(ctx)
		fmt.Println(err == nil, errors.Is(err, sqs.ErrInvalidMessageContents), errors.Is(err, sqs.ErrHeldBack))
	}
	if err := sender.Close(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// true false false
	// false true false
	// false false true
}

func ExampleSenderOptions() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	sent := 0
	sender := sqs.NewSender(q, sqs.WithSenderLimits(1000, 16<<20), sqs.WithFailWhenFull(), func(o *sqs.SenderOptions) {
		o.OnBatch = func(b sqs.SenderBatch) { sent += b.Messages - b.Failed } // or counters and histograms
	})
	if err := sender.Send(ctx, q.NewMessage("a book")); errors.Is(err, sqs.ErrFull) {
		fmt.Println("come back later")
	}
	if err := sender.Flush(ctx); err != nil {
		log.Fatal(err)
	}
	if err := sender.Close(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sent, sender.Stats().Messages)
	// Output: 1 0
}
