package api

import "time"

// The limits of SQS, by the name that AWS gives each (its quota pages and API reference, unless another source is
// named). They are enforced in package service and nowhere else, but for those on the state of a queue, which only the
// engine sees: MaxInFlight, MaxVisibilityTimeout since a receive, and the two intervals.
const (
	// MaxBatchEntries bounds the entries of a batch request.
	MaxBatchEntries = 10
	// MaxBatchEntryID bounds the length of a batch entry's Id, in characters.
	MaxBatchEntryID = 80
	// MaxBatchBytes bounds the sum of the entries of a SendMessageBatch, whatever the queue's MaximumMessageSize.
	MaxBatchBytes = 1 << 20

	// MaxQueueName bounds a queue's name, the suffix .fifo included.
	MaxQueueName = 80
	// MaxListResults bounds MaxResults, and a ListQueues without it.
	MaxListResults = 1000

	// MaxNumberOfMessages bounds what one ReceiveMessage asks for.
	MaxNumberOfMessages = 10
	// MaxWaitTimeSeconds bounds a long poll.
	MaxWaitTimeSeconds = 20
	// MaxVisibilityTimeout bounds how long a message may stay in flight after a receive: 12 hours, in seconds.
	MaxVisibilityTimeout = 43200
	// MaxDelaySeconds bounds a delay: 15 minutes.
	MaxDelaySeconds = 900
	// MaxReceiptHandle bounds the length of a receipt handle.
	MaxReceiptHandle = 1024

	// MaxMessageAttributes bounds the attributes of one message.
	MaxMessageAttributes = 10
	// MaxAttributeName bounds a message attribute's name, and its data type, in bytes.
	MaxAttributeName = 256
	// MaxGroupID bounds MessageGroupId, MessageDeduplicationId and ReceiveRequestAttemptId.
	MaxGroupID = 128

	// MaxPolicyBytes bounds the Policy attribute.
	MaxPolicyBytes = 8192
	// MaxPolicyStatements bounds the statements that AddPermission adds to.
	MaxPolicyStatements = 20
	// MaxPermissionActions bounds the actions of one AddPermission.
	MaxPermissionActions = 7
	// MaxLabel bounds a permission's label.
	MaxLabel = 80
	// MaxKeyID bounds KmsMasterKeyId, in characters (AWS KMS API reference).
	MaxKeyID = 2048

	// MaxReceiveCount bounds maxReceiveCount of a RedrivePolicy; 1 is the least.
	MaxReceiveCount = 1000
	// MaxRedriveSources bounds sourceQueueArns of a RedriveAllowPolicy.
	MaxRedriveSources = 10
	// MaxMovesPerSecond bounds MaxNumberOfMessagesPerSecond of a move task.
	MaxMovesPerSecond = 500
	// MaxMoveResults bounds MaxResults of ListMessageMoveTasks; the default is 1.
	MaxMoveResults = 10

	// MaxTags bounds the tags of a queue.
	MaxTags = 50
	// MaxTagKey and MaxTagValue bound one tag, in characters.
	MaxTagKey   = 128
	MaxTagValue = 256

	// MaxTraceHeader bounds AWSTraceHeader, in bytes. It does not count against the size of a message (AWS developer
	// guide), so without a bound of its own it would be a way around that one. The bound is ours: X-Ray writes 100.
	MaxTraceHeader = 4096

	// MaxInFlight bounds the messages of one queue that are received and neither deleted nor visible again.
	MaxInFlight = 120_000
)

// PurgeInterval must pass between two PurgeQueue calls on one queue.
const PurgeInterval = 60 * time.Second

// RecreateInterval must pass between DeleteQueue and CreateQueue with the same name.
const RecreateInterval = 60 * time.Second
