package sqs_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// exampleQueue has two messages.
func exampleQueue(ctx context.Context, conn *sqs.Connection) *sqs.Queue {
	q, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := q.WriteBatch(ctx, []*sqs.Message{q.NewMessage("a book"), q.NewMessage("a pen")}); err != nil {
		log.Fatal(err)
	}
	return q
}

func ExampleQueueOf_SaveFile() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q := exampleQueue(ctx, conn)
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	file := filepath.Join(dir, "orders.jsonl")
	saved, err := q.SaveFile(ctx, file)
	if err != nil {
		log.Fatal(err) // call it again to go on
	}
	loaded, err := q.LoadFile(ctx, file)
	if err != nil {
		log.Fatal(err) // the same
	}
	fmt.Println(saved.Messages, "saved,", loaded.Messages, "loaded")
	// Output: 2 saved, 2 loaded
}

func ExampleQueueOf_Save() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q := exampleQueue(ctx, conn)

	if _, err := q.Save(ctx, os.Stdout, sqs.WithFormat(sqs.FormatBoto, "\n")); err != nil {
		log.Fatal(err)
	}
	// Output:
	// a book
	// a pen
}

func ExampleQueueOf_Load() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	loaded, err := q.Load(ctx, strings.NewReader("a book\na pen\n"), sqs.WithLoadFormat(sqs.FormatSeparated, "\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(loaded.Messages)
	// Output: 2
}

func ExampleQueueOf_Dump() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q := exampleQueue(ctx, conn)

	var lines strings.Builder
	dumped, err := q.Dump(ctx, &lines, sqs.WithDrain(func(o *sqs.DrainOptions) { o.Visibility = time.Minute }))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dumped.Messages, "dumped")
	for line := range strings.Lines(lines.String()) {
		r, err := sqs.ParseRecord([]byte(line))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Body, r.Attributes[sqs.SystemAttributeReceiveCount])
	}
	// Output:
	// 2 dumped
	// YSBib29r 1
	// YSBwZW4= 1
}

func ExampleQueueOf_Drain() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	q := exampleQueue(ctx, conn)

	_, err := q.Drain(ctx, func(_ context.Context, messages []*sqs.Message) error {
		for _, m := range messages {
			fmt.Println(m.Body) // insert it into a database, say: it is deleted from the queue afterwards
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// a book
	// a pen
}
