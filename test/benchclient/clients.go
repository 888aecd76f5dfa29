package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"gocloud.dev/pubsub"
	"gocloud.dev/pubsub/awssnssqs"

	"github.com/bufeomq/bufeo/sqs"
)

// The clients that others are compared with.
const (
	sdkSend    = "AWS SDK, SendMessage"
	sdkReceive = "AWS SDK, Receive, Delete"
)

// client is a way to send one message and wait for the answer, or to receive one and delete it.
type client struct {
	name string
	send func(ctx context.Context) error
	done func(ctx context.Context) error // nil if there is nothing to end
}

// single are the clients that make a request for each message; gather those that many goroutines send through.
func clients(ctx context.Context, o *options, url string) (single, gather []client, err error) {
	text := body(o)
	conn, err := sqs.New(sqs.WithEndpoint(url), sqs.WithCredentials("bench", "bench", ""), sqs.WithMessageClass(sqs.RawMessage{}))
	if err != nil {
		return nil, nil, err
	}
	q := conn.QueueFromURL(url + "/000000000000/bench")
	sdk := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
		HTTPClient: httpClient(o),
	})
	if _, err := sdk.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: aws.String("bench")}); err != nil {
		return nil, nil, err
	}
	in := &awssqs.SendMessageInput{QueueUrl: aws.String(q.URL()), MessageBody: &text}
	plain := client{name: sdkSend, send: func(ctx context.Context) error {
		_, err := sdk.SendMessage(ctx, in)
		return err
	}}
	write := client{name: "bufeo sqs, Write", send: func(ctx context.Context) error {
		return q.Write(ctx, q.NewMessage(text))
	}}
	sender := sqs.NewSender(q)
	batching := client{name: "bufeo sqs, Sender", done: sender.Close, send: func(ctx context.Context) error {
		return sender.Send(ctx, q.NewMessage(text))
	}}
	topic := awssnssqs.OpenSQSTopic(ctx, sdk, q.URL(), nil)
	gocloud := client{name: "gocloud.dev pubsub, Send", done: topic.Shutdown, send: func(ctx context.Context) error {
		return topic.Send(ctx, &pubsub.Message{Body: []byte(text)})
	}}
	return []client{newPost(o, q.URL(), url), plain, write}, []client{plain, write, gocloud, batching}, nil
}

// httpClient is the SDK's, with connections for all goroutines.
func httpClient(o *options) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = max(o.goroutines, 100) })
}

// newPost is what net/http costs by itself: the same body, unsigned, and the answer read.
func newPost(o *options, queueURL, url string) client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = max(o.goroutines, 100)
	hc := &http.Client{Transport: transport}
	request := []byte(`{"MessageBody":"` + body(o) + `","QueueUrl":"` + queueURL + `"}`)
	return client{name: "net/http, bare POST", send: func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		resp, err := hc.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		return nil
	}}
}
