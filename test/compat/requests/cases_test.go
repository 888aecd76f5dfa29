package requests

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/sqs"
)

const (
	host     = "http://sqs.test:9324"
	queueURL = host + "/123456789012/orders"
	arn      = "arn:aws:sqs:us-east-1:123456789012:orders"
	otherARN = "arn:aws:sqs:us-east-1:123456789012:other"
	hostile  = "a <b> & 'c' \"d\" é ☃ 😀 \t\n\r % + = / \\ \u2028 \x7f"
)

// call is one request, as three clients are asked for it.
type call struct {
	name string
	ours func(ctx context.Context, q *sqs.Queue) error
	sdk  func(ctx context.Context, c *awssqs.Client) error
	boto string // method, and arguments in JSON
}

// first drops what a method returns besides its error.
func first[T any](_ T, err error) error { return err }

func text(dataType, value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: &dataType, StringValue: &value}
}

var queue = new(queueURL)

var messageCalls = []call{
	{
		"write",
		func(ctx context.Context, q *sqs.Queue) error { return q.Write(ctx, q.NewMessage(hostile)) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: queue, MessageBody: new(hostile)}))
		},
		`send_message {"QueueUrl": "@queue", "MessageBody": "@hostile"}`,
	},
	{
		"write with everything",
		func(ctx context.Context, q *sqs.Queue) error {
			m := q.NewMessage("x")
			m.MessageAttributes = map[string]sqs.MessageAttribute{"blob": sqs.BinaryAttribute([]byte{0, 255, '<'})}
			m.Delay, m.GroupID, m.DeduplicationID, m.TraceHeader = new(15*time.Minute), "g", "d", "Root=1"
			return q.Write(ctx, m)
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.SendMessage(ctx, &awssqs.SendMessageInput{
				QueueUrl: queue, MessageBody: new("x"), DelaySeconds: 900, MessageGroupId: new("g"), MessageDeduplicationId: new("d"),
				MessageAttributes:       map[string]types.MessageAttributeValue{"blob": {DataType: new("Binary"), BinaryValue: []byte{0, 255, '<'}}},
				MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: new("String"), StringValue: new("Root=1")}},
			}))
		},
		`send_message {"QueueUrl": "@queue", "MessageBody": "x", "DelaySeconds": 900, "MessageGroupId": "g", "MessageDeduplicationId": "d",
			"MessageAttributes": {"blob": {"DataType": "Binary", "BinaryValue": {"$bytes": "AP88"}}},
			"MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}}`,
	},
	{
		"write a batch",
		func(ctx context.Context, q *sqs.Queue) error {
			second := q.NewMessage("b")
			second.Delay = new(time.Second)
			second.MessageAttributes = map[string]sqs.MessageAttribute{"n": sqs.NumberAttribute("1.5")}
			return first(q.WriteBatch(ctx, []*sqs.Message{q.NewMessage("a"), second}))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.SendMessageBatch(ctx, &awssqs.SendMessageBatchInput{QueueUrl: queue, Entries: []types.SendMessageBatchRequestEntry{
				{Id: new("0"), MessageBody: new("a")},
				{Id: new("1"), MessageBody: new("b"), DelaySeconds: 1, MessageAttributes: map[string]types.MessageAttributeValue{"n": text("Number", "1.5")}},
			}}))
		},
		`send_message_batch {"QueueUrl": "@queue", "Entries": [{"Id": "0", "MessageBody": "a"},
			{"Id": "1", "MessageBody": "b", "DelaySeconds": 1, "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "1.5"}}}]}`,
	},
	{
		"read",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.Messages(ctx, 10, sqs.WithVisibility(time.Minute), sqs.WithWait(20*time.Second), sqs.WithAttributes("SenderId", "SentTimestamp"),
				sqs.WithMessageAttributes(), sqs.WithAttemptID("again")))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{
				QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 60, WaitTimeSeconds: 20, ReceiveRequestAttemptId: new("again"),
				AttributeNames:        []types.QueueAttributeName{"SenderId", "SentTimestamp"}, //nolint:staticcheck // what package sqs sends
				MessageAttributeNames: []string{"All"},
			}))
		},
		`receive_message {"QueueUrl": "@queue", "MaxNumberOfMessages": 10, "VisibilityTimeout": 60, "WaitTimeSeconds": 20,
			"ReceiveRequestAttemptId": "again", "AttributeNames": ["SenderId", "SentTimestamp"], "MessageAttributeNames": ["All"]}`,
	},
	{
		"delete",
		func(ctx context.Context, q *sqs.Queue) error { return q.DeleteMessage(ctx, "h+/=") },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: new("h+/=")}))
		},
		`delete_message {"QueueUrl": "@queue", "ReceiptHandle": "h+/="}`,
	},
	{
		"delete a batch",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.DeleteMessageBatch(ctx, []string{"h1", "h2"}))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.DeleteMessageBatch(ctx, &awssqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: []types.DeleteMessageBatchRequestEntry{
				{Id: new("0"), ReceiptHandle: new("h1")}, {Id: new("1"), ReceiptHandle: new("h2")},
			}}))
		},
		`delete_message_batch {"QueueUrl": "@queue", "Entries": [{"Id": "0", "ReceiptHandle": "h1"}, {"Id": "1", "ReceiptHandle": "h2"}]}`,
	},
	{
		"change a visibility to 0",
		func(ctx context.Context, q *sqs.Queue) error { return q.ChangeMessageVisibility(ctx, "h1", 0) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ChangeMessageVisibility(ctx, &awssqs.ChangeMessageVisibilityInput{QueueUrl: queue, ReceiptHandle: new("h1")}))
		},
		`change_message_visibility {"QueueUrl": "@queue", "ReceiptHandle": "h1", "VisibilityTimeout": 0}`,
	},
	{
		"change visibilities",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.ChangeMessageVisibilityBatch(ctx, []sqs.VisibilityChange{{ReceiptHandle: "h1", Timeout: time.Hour}}))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ChangeMessageVisibilityBatch(ctx, &awssqs.ChangeMessageVisibilityBatchInput{
				QueueUrl: queue, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{{Id: new("0"), ReceiptHandle: new("h1"), VisibilityTimeout: 3600}},
			}))
		},
		`change_message_visibility_batch {"QueueUrl": "@queue", "Entries": [{"Id": "0", "ReceiptHandle": "h1", "VisibilityTimeout": 3600}]}`,
	},
}

var queueCalls = []call{
	{
		"create a queue",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.Connection().CreateQueue(ctx, "orders", sqs.WithVisibilityTimeout(0), sqs.WithTag("team", "red")))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.CreateQueue(ctx, &awssqs.CreateQueueInput{
				QueueName: new("orders"), Attributes: map[string]string{"VisibilityTimeout": "0"}, Tags: map[string]string{"team": "red"},
			}))
		},
		`create_queue {"QueueName": "orders", "Attributes": {"VisibilityTimeout": "0"}, "tags": {"team": "red"}}`,
	},
	{
		"look up a queue",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.Connection().Queue(ctx, "orders", sqs.WithOwner("123456789012")))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.GetQueueUrl(ctx, &awssqs.GetQueueUrlInput{QueueName: new("orders"), QueueOwnerAWSAccountId: new("123456789012")}))
		},
		`get_queue_url {"QueueName": "orders", "QueueOwnerAWSAccountId": "123456789012"}`,
	},
	{
		"list queues",
		func(ctx context.Context, q *sqs.Queue) error { return first(q.Connection().AllQueues(ctx, "or")) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ListQueues(ctx, &awssqs.ListQueuesInput{QueueNamePrefix: new("or"), MaxResults: aws.Int32(1000)}))
		},
		`list_queues {"QueueNamePrefix": "or", "MaxResults": 1000}`,
	},
	{
		"delete a queue",
		func(ctx context.Context, q *sqs.Queue) error { return q.Delete(ctx) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.DeleteQueue(ctx, &awssqs.DeleteQueueInput{QueueUrl: queue}))
		},
		`delete_queue {"QueueUrl": "@queue"}`,
	},
	{
		"purge",
		func(ctx context.Context, q *sqs.Queue) error { return q.Purge(ctx) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.PurgeQueue(ctx, &awssqs.PurgeQueueInput{QueueUrl: queue}))
		},
		`purge_queue {"QueueUrl": "@queue"}`,
	},
	{
		"attributes",
		func(ctx context.Context, q *sqs.Queue) error { return first(q.Attributes(ctx, "Policy", "QueueArn")) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.GetQueueAttributes(ctx, &awssqs.GetQueueAttributesInput{QueueUrl: queue, AttributeNames: []types.QueueAttributeName{"Policy", "QueueArn"}}))
		},
		`get_queue_attributes {"QueueUrl": "@queue", "AttributeNames": ["Policy", "QueueArn"]}`,
	},
	{
		"set an attribute",
		func(ctx context.Context, q *sqs.Queue) error {
			return q.SetAttribute(ctx, sqs.AttributeRedrivePolicy, sqs.RedrivePolicy{DeadLetterTargetARN: arn, MaxReceiveCount: 5}.String())
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.SetQueueAttributes(ctx, &awssqs.SetQueueAttributesInput{
				QueueUrl: queue, Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":5}`},
			}))
		},
		`set_queue_attributes {"QueueUrl": "@queue", "Attributes": {"RedrivePolicy": "{\"deadLetterTargetArn\":\"@arn\",\"maxReceiveCount\":5}"}}`,
	},
	{
		"add a permission",
		func(ctx context.Context, q *sqs.Queue) error {
			return q.AddPermission(ctx, "l", []string{"111111111111", "222222222222"}, []string{"SendMessage", "*"})
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.AddPermission(ctx, &awssqs.AddPermissionInput{
				QueueUrl: queue, Label: new("l"), AWSAccountIds: []string{"111111111111", "222222222222"}, Actions: []string{"SendMessage", "*"},
			}))
		},
		`add_permission {"QueueUrl": "@queue", "Label": "l", "AWSAccountIds": ["111111111111", "222222222222"], "Actions": ["SendMessage", "*"]}`,
	},
	{
		"remove a permission",
		func(ctx context.Context, q *sqs.Queue) error { return q.RemovePermission(ctx, "l") },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.RemovePermission(ctx, &awssqs.RemovePermissionInput{QueueUrl: queue, Label: new("l")}))
		},
		`remove_permission {"QueueUrl": "@queue", "Label": "l"}`,
	},
	{
		"tag",
		func(ctx context.Context, q *sqs.Queue) error { return q.Tag(ctx, map[string]string{"team": ""}) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.TagQueue(ctx, &awssqs.TagQueueInput{QueueUrl: queue, Tags: map[string]string{"team": ""}}))
		},
		`tag_queue {"QueueUrl": "@queue", "Tags": {"team": ""}}`,
	},
	{
		"untag",
		func(ctx context.Context, q *sqs.Queue) error { return q.Untag(ctx, "team", "cost") },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.UntagQueue(ctx, &awssqs.UntagQueueInput{QueueUrl: queue, TagKeys: []string{"team", "cost"}}))
		},
		`untag_queue {"QueueUrl": "@queue", "TagKeys": ["team", "cost"]}`,
	},
	{
		"tags",
		func(ctx context.Context, q *sqs.Queue) error { return first(q.Tags(ctx)) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ListQueueTags(ctx, &awssqs.ListQueueTagsInput{QueueUrl: queue}))
		},
		`list_queue_tags {"QueueUrl": "@queue"}`,
	},
	{
		"dead-letter source queues",
		func(ctx context.Context, q *sqs.Queue) error {
			for _, err := range q.DeadLetterSourceQueues(ctx) {
				return err
			}
			return nil
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ListDeadLetterSourceQueues(ctx, &awssqs.ListDeadLetterSourceQueuesInput{QueueUrl: queue, MaxResults: aws.Int32(1000)}))
		},
		`list_dead_letter_source_queues {"QueueUrl": "@queue", "MaxResults": 1000}`,
	},
	// botocore of early 2023 is older than the move tasks, and the Query protocol's answer for them was never its own.
	{
		"start a move task",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.StartMessageMoveTask(ctx, sqs.WithDestination(otherARN), sqs.WithRate(7)))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.StartMessageMoveTask(ctx, &awssqs.StartMessageMoveTaskInput{
				SourceArn: new(arn), DestinationArn: new(otherARN), MaxNumberOfMessagesPerSecond: aws.Int32(7),
			}))
		},
		"",
	},
	{
		"move tasks",
		func(ctx context.Context, q *sqs.Queue) error { return first(q.MessageMoveTasks(ctx)) },
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.ListMessageMoveTasks(ctx, &awssqs.ListMessageMoveTasksInput{SourceArn: new(arn), MaxResults: aws.Int32(10)}))
		},
		"",
	},
	{
		"cancel a move task",
		func(ctx context.Context, q *sqs.Queue) error {
			return first(q.Connection().CancelMessageMoveTask(ctx, "t+/="))
		},
		func(ctx context.Context, c *awssqs.Client) error {
			return first(c.CancelMessageMoveTask(ctx, &awssqs.CancelMessageMoveTaskInput{TaskHandle: new("t+/=")}))
		},
		"",
	},
}
