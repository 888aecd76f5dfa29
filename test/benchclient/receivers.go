package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"gocloud.dev/pubsub/awssnssqs"

	"github.com/bufeomq/bufeo/sqs"
)

// backlog is how many messages wait for the receivers: more than they take.
const backlog = 200_000

// receivers are the ways to receive messages and delete each, for a server that stores them. One goroutine works on one
// message at a time.
func receivers(ctx context.Context, o *options, url string) ([]client, error) {
	conn, err := sqs.New(sqs.WithEndpoint(url), sqs.WithCredentials("bench", "bench", ""), sqs.WithMessageClass(sqs.RawMessage{}))
	if err != nil {
		return nil, err
	}
	q, err := conn.CreateQueue(ctx, "bench-receive", sqs.WithVisibilityTimeout(time.Hour))
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, q, body(o)); err != nil {
		return nil, err
	}
	sdk := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""), HTTPClient: httpClient(o),
	})
	plain := client{name: sdkReceive, send: func(ctx context.Context) error {
		out, err := sdk.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: aws.String(q.URL()), MaxNumberOfMessages: 1})
		if err != nil || len(out.Messages) == 0 {
			return errors.Join(err, ctx.Err())
		}
		_, err = sdk.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: aws.String(q.URL()), ReceiptHandle: out.Messages[0].ReceiptHandle})
		return err
	}}
	subscription := awssnssqs.OpenSubscription(ctx, sdk, q.URL(), nil)
	gocloud := client{name: "gocloud.dev, Receive, Ack", done: subscription.Shutdown, send: func(ctx context.Context) error {
		m, err := subscription.Receive(ctx)
		if err == nil {
			m.Ack()
		}
		return err
	}}
	return []client{plain, gocloud, newConsuming(o, q)}, nil
}

// newConsuming is a Consumer whose handlers wait to be counted.
func newConsuming(o *options, q *sqs.Queue) client {
	handled := make(chan struct{})
	consumer := sqs.NewConsumer(q, func(ctx context.Context, _ *sqs.Message) error {
		select {
		case handled <- struct{}{}:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}, sqs.WithWorkers(o.goroutines), sqs.WithDrainTimeout(0))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	start := sync.OnceFunc(func() {
		go func() {
			_, err := consumer.Run(ctx)
			ended <- err
		}()
	})
	return client{
		name: "bufeo sqs, Consumer",
		send: func(ctx context.Context) error {
			start()
			select {
			case <-handled:
				return nil
			case err := <-ended:
				return errors.Join(errors.New("the consumer has ended"), err)
			case <-ctx.Done():
				return ctx.Err()
			}
		},
		done: func(context.Context) error {
			stop()
			return <-ended
		},
	}
}

// fill sends the backlog.
func fill(ctx context.Context, q *sqs.Queue, text string) error {
	const share = 100
	for range backlog / share / 10 {
		var wg sync.WaitGroup
		errs := make([]error, 10)
		for i := range errs {
			wg.Go(func() {
				ms := make([]*sqs.Message, share)
				for j := range ms {
					ms[j] = q.NewMessage(text)
				}
				_, errs[i] = q.WriteBatch(ctx, ms)
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}
