package sqs_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

func ExampleQueueOf_All() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if _, err := q.WriteBatch(ctx, []*sqs.Message{{Body: "first"}, {Body: "second"}, {Body: "third"}}); err != nil {
		log.Fatal(err)
	}
	for m, err := range q.All(ctx, sqs.WithWait(0)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Body)
		if err := m.Delete(ctx); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// first
	// second
	// third
}

func ExampleQueueOf_Clear() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if _, err := q.WriteBatch(ctx, []*sqs.Message{{Body: "first"}, {Body: "second"}}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Clear(ctx))
	// Output: 2 <nil>
}

func ExampleQueueOf_CountSlow() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if _, err := q.WriteBatch(ctx, []*sqs.Message{{Body: "first"}, {Body: "second"}}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.CountSlow(ctx, sqs.WithVisibility(time.Minute)))
	// Output: 2 <nil>
}

func ExampleQueueOf_SetAttribute() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.SetAttribute(ctx, sqs.AttributeMessageRetentionPeriod, "86400"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Attribute(ctx, sqs.AttributeMessageRetentionPeriod))
	// Output: 86400 <nil>
}

func ExampleWithDeadLetterQueue() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	dead, err := conn.CreateQueue(ctx, "orders-dead")
	if err != nil {
		log.Fatal(err)
	}
	q, err := conn.CreateQueue(ctx, "orders", sqs.WithDeadLetterQueue(dead.ARN(), 5))
	if err != nil {
		log.Fatal(err)
	}
	attributes, err := q.Attributes(ctx, sqs.AttributeRedrivePolicy)
	if err != nil {
		log.Fatal(err)
	}
	policy, err := attributes.RedrivePolicy()
	fmt.Println(policy.MaxReceiveCount, policy.DeadLetterTargetARN, err)
	// Output: 5 arn:aws:sqs:us-east-1:000000000000:orders-dead <nil>
}

func ExampleQueueOf_DeadLetterSourceQueues() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	dead, err := conn.CreateQueue(ctx, "dead")
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"mail", "orders"} {
		if _, err := conn.CreateQueue(ctx, name, sqs.WithDeadLetterQueue(dead.ARN(), 3)); err != nil {
			log.Fatal(err)
		}
	}
	for q, err := range dead.DeadLetterSourceQueues(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(q.Name())
	}
	// Output:
	// mail
	// orders
}

func ExampleQueueOf_StartMessageMoveTask() {
	conn, done := local()
	defer done()
	ctx := context.Background()
	dead, err := conn.CreateQueue(ctx, "orders-dead")
	if err != nil {
		log.Fatal(err)
	}
	q, err := conn.CreateQueue(ctx, "orders", sqs.WithDeadLetterQueue(dead.ARN(), 1))
	if err != nil {
		log.Fatal(err)
	}
	if err := q.Write(ctx, q.NewMessage("bitter")); err != nil {
		log.Fatal(err)
	}
	for range 2 { // the second read moves the message instead
		if _, err := q.Messages(ctx, 1, sqs.WithVisibility(0)); err != nil {
			log.Fatal(err)
		}
	}

	if _, err := dead.StartMessageMoveTask(ctx, sqs.WithRate(500)); err != nil {
		log.Fatal(err)
	}
	m, err := q.Read(ctx, sqs.WithWait(20*time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Body, "is back")
	tasks, err := dead.MessageMoveTasks(ctx)
	fmt.Println(len(tasks), err)
	// Output:
	// bitter is back
	// 1 <nil>
}

func ExampleQueueOf_Tag() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.Tag(ctx, map[string]string{"team": "red", "env": "test"}); err != nil {
		log.Fatal(err)
	}
	if err := q.Untag(ctx, "env"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.Tags(ctx))
	// Output: map[team:red] <nil>
}

func ExampleQueueOf_AddPermission() {
	q, done := localQueue()
	defer done()
	ctx := context.Background()
	if err := q.AddPermission(ctx, "partner", []string{"111122223333"}, []string{"SendMessage"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(q.RemovePermission(ctx, "partner"))
	// Output: <nil>
}
