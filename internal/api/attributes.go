package api

// AttributeKind says how the value of a queue attribute is checked.
type AttributeKind int

// The kinds of attribute values. Every value travels as a string.
const (
	IntegerAttribute  AttributeKind = iota // decimal, between Min and Max
	BooleanAttribute                       // true or false in any case
	PolicyAttribute                        // a JSON document; "" unsets it
	TextAttribute                          // free text; "" unsets it
	ReadOnlyAttribute                      // made by the server
)

// QueueAttribute is a row of the table of queue attributes (AWS API reference, SetQueueAttributes).
type QueueAttribute struct {
	Name     string
	Kind     AttributeKind
	Min, Max int    // IntegerAttribute: the legal range
	Default  string // what GetQueueAttributes answers while it is not set; "" leaves it out
	FIFO     bool   // exists on FIFO queues only
	Later    bool   // known to SQS, not built here yet: refused by name
}

// The names of the queue attributes that code refers to.
const (
	All                                   = "All"
	ApproximateNumberOfMessages           = "ApproximateNumberOfMessages"
	ApproximateNumberOfMessagesDelayed    = "ApproximateNumberOfMessagesDelayed"
	ApproximateNumberOfMessagesNotVisible = "ApproximateNumberOfMessagesNotVisible"
	CreatedTimestamp                      = "CreatedTimestamp"
	DelaySeconds                          = "DelaySeconds"
	FifoQueue                             = "FifoQueue"
	LastModifiedTimestamp                 = "LastModifiedTimestamp"
	MaximumMessageSize                    = "MaximumMessageSize"
	MessageRetentionPeriod                = "MessageRetentionPeriod"
	Policy                                = "Policy"
	QueueArn                              = "QueueArn"
	ReceiveMessageWaitTimeSeconds         = "ReceiveMessageWaitTimeSeconds"
	VisibilityTimeout                     = "VisibilityTimeout"
)

// QueueAttributes is the table, in the order in which AWS lists the attributes of a queue: by name.
var QueueAttributes = []QueueAttribute{
	{Name: ApproximateNumberOfMessages, Kind: ReadOnlyAttribute},
	{Name: ApproximateNumberOfMessagesDelayed, Kind: ReadOnlyAttribute},
	{Name: ApproximateNumberOfMessagesNotVisible, Kind: ReadOnlyAttribute},
	{Name: "ContentBasedDeduplication", Kind: BooleanAttribute, FIFO: true, Later: true},
	{Name: CreatedTimestamp, Kind: ReadOnlyAttribute},
	{Name: "DeduplicationScope", Kind: TextAttribute, FIFO: true, Later: true},
	{Name: DelaySeconds, Kind: IntegerAttribute, Min: 0, Max: MaxDelaySeconds, Default: "0"},
	{Name: FifoQueue, Kind: BooleanAttribute, FIFO: true, Later: true},
	{Name: "FifoThroughputLimit", Kind: TextAttribute, FIFO: true, Later: true},
	{Name: "KmsDataKeyReusePeriodSeconds", Kind: IntegerAttribute, Min: 60, Max: 86400, Later: true},
	{Name: "KmsMasterKeyId", Kind: TextAttribute, Later: true},
	{Name: LastModifiedTimestamp, Kind: ReadOnlyAttribute},
	// 1 MiB since August 2025 (recorded); 256 KiB before.
	{Name: MaximumMessageSize, Kind: IntegerAttribute, Min: 1024, Max: 1 << 20, Default: "1048576"},
	// 4 days; a minute to 14 days.
	{Name: MessageRetentionPeriod, Kind: IntegerAttribute, Min: 60, Max: 1209600, Default: "345600"},
	{Name: Policy, Kind: PolicyAttribute},
	{Name: QueueArn, Kind: ReadOnlyAttribute},
	{Name: ReceiveMessageWaitTimeSeconds, Kind: IntegerAttribute, Min: 0, Max: MaxWaitTimeSeconds, Default: "0"},
	{Name: "RedriveAllowPolicy", Kind: PolicyAttribute, Later: true},
	{Name: "RedrivePolicy", Kind: PolicyAttribute, Later: true},
	{Name: "SqsManagedSseEnabled", Kind: BooleanAttribute, Default: "true", Later: true},
	{Name: VisibilityTimeout, Kind: IntegerAttribute, Min: 0, Max: MaxVisibilityTimeout, Default: "30"},
}

// QueueAttributeNamed returns the row called name, or nil. Names are case-sensitive.
func QueueAttributeNamed(name string) *QueueAttribute {
	for i := range QueueAttributes {
		if QueueAttributes[i].Name == name {
			return &QueueAttributes[i]
		}
	}
	return nil
}

// The names of the message system attributes.
const (
	ApproximateFirstReceiveTimestamp = "ApproximateFirstReceiveTimestamp"
	ApproximateReceiveCount          = "ApproximateReceiveCount"
	AWSTraceHeader                   = "AWSTraceHeader"
	DeadLetterQueueSourceArn         = "DeadLetterQueueSourceArn"
	MessageDeduplicationID           = "MessageDeduplicationId"
	MessageGroupID                   = "MessageGroupId"
	SenderID                         = "SenderId"
	SentTimestamp                    = "SentTimestamp"
	SequenceNumber                   = "SequenceNumber"
)
