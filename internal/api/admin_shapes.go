package api

// TagQueueInput adds tags to a queue, or gives those that it has other values.
type TagQueueInput struct {
	QueueURL string `wire:"QueueUrl"`
	Tags     []Tag  `wire:"Tags,Tag,map"`
}

// UntagQueueInput removes tags by their keys.
type UntagQueueInput struct {
	QueueURL string   `wire:"QueueUrl"`
	TagKeys  []string `wire:"TagKeys,TagKey"`
}

// ListQueueTagsInput names the queue.
type ListQueueTagsInput struct {
	QueueURL string `wire:"QueueUrl"`
}

// ListQueueTagsOutput holds the queue's tags, sorted by key.
type ListQueueTagsOutput struct {
	Tags []Tag `wire:"Tags,Tag,map"`
}

// AddPermissionInput lets other accounts use a queue. The label names what is added, for RemovePermission.
type AddPermissionInput struct {
	QueueURL      string   `wire:"QueueUrl"`
	Label         string   `wire:"Label"`
	AWSAccountIDs []string `wire:"AWSAccountIds,AWSAccountId"`
	Actions       []string `wire:"Actions,ActionName"`
}

// RemovePermissionInput takes back what AddPermission added under a label.
type RemovePermissionInput struct {
	QueueURL string `wire:"QueueUrl"`
	Label    string `wire:"Label"`
}

// ListDeadLetterSourceQueuesInput names a dead-letter queue. Without MaxResults there are no pages.
type ListDeadLetterSourceQueuesInput struct {
	QueueURL   string  `wire:"QueueUrl"`
	MaxResults *int    `wire:"MaxResults"`
	NextToken  *string `wire:"NextToken"`
}

// ListDeadLetterSourceQueuesOutput holds one page of the queues whose RedrivePolicy names that one. The list begins
// with a lower-case letter in JSON: AWS's model says so, and that it is always there.
type ListDeadLetterSourceQueuesOutput struct {
	QueueURLs []string `wire:"queueUrls,QueueUrl,always"`
	NextToken *string  `wire:"NextToken"`
}

// StartMessageMoveTaskInput moves the messages of a dead-letter queue. Without a destination each goes back to where it
// came from; without a rate they go as fast as they can.
type StartMessageMoveTaskInput struct {
	SourceARN                    string  `wire:"SourceArn"`
	DestinationARN               *string `wire:"DestinationArn"`
	MaxNumberOfMessagesPerSecond *int    `wire:"MaxNumberOfMessagesPerSecond"`
}

// StartMessageMoveTaskOutput carries the handle by which the task is cancelled.
type StartMessageMoveTaskOutput struct {
	TaskHandle string `wire:"TaskHandle"`
}

// CancelMessageMoveTaskInput names a running task.
type CancelMessageMoveTaskInput struct {
	TaskHandle string `wire:"TaskHandle"`
}

// CancelMessageMoveTaskOutput tells how far the task had come.
type CancelMessageMoveTaskOutput struct {
	ApproximateNumberOfMessagesMoved int64 `wire:"ApproximateNumberOfMessagesMoved"`
}

// ListMessageMoveTasksInput names a dead-letter queue. Without MaxResults there is the newest task only.
type ListMessageMoveTasksInput struct {
	SourceARN  string `wire:"SourceArn"`
	MaxResults *int   `wire:"MaxResults"`
}

// ListMessageMoveTasksOutput holds the tasks, the newest first.
type ListMessageMoveTasksOutput struct {
	Results []MessageMoveTask `wire:"Results,ListMessageMoveTasksResultEntry"`
}

// MessageMoveTask is what is known of one task. The handle is there while the task runs, destination and rate if they
// were given, the reason if it failed.
type MessageMoveTask struct {
	TaskHandle                        string `wire:"TaskHandle"`
	Status                            string `wire:"Status"`
	SourceARN                         string `wire:"SourceArn"`
	DestinationARN                    string `wire:"DestinationArn"`
	MaxNumberOfMessagesPerSecond      *int   `wire:"MaxNumberOfMessagesPerSecond"`
	ApproximateNumberOfMessagesMoved  int64  `wire:"ApproximateNumberOfMessagesMoved"`
	ApproximateNumberOfMessagesToMove int64  `wire:"ApproximateNumberOfMessagesToMove"`
	FailureReason                     string `wire:"FailureReason"`
	StartedTimestamp                  int64  `wire:"StartedTimestamp"` // ms since the epoch
}
