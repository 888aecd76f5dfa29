package api

// AttributeKind says how the value of a queue attribute is checked.
type AttributeKind int

// The kinds of attribute values. Every value travels as a string.
const (
	IntegerAttribute  AttributeKind = iota // decimal, between Min and Max
	BooleanAttribute                       // true or false in any case
	ChoiceAttribute                        // one of Choices
	PolicyAttribute                        // a JSON document; "" unsets it
	TextAttribute                          // free text; "" unsets it
	ReadOnlyAttribute                      // made by the server
)

// QueueAttribute is a row of the table of queue attributes (AWS API reference, SetQueueAttributes).
type QueueAttribute struct {
	Name     string
	Kind     AttributeKind
	Min, Max int      // IntegerAttribute: the legal range
	Choices  []string // ChoiceAttribute: the legal values
	Default  string   // what GetQueueAttributes answers while it is not set; "" leaves it out
	FIFO     bool     // exists on FIFO queues only
}

// The names of the queue attributes.
const (
	All                                   = "All"
	ApproximateNumberOfMessages           = "ApproximateNumberOfMessages"
	ApproximateNumberOfMessagesDelayed    = "ApproximateNumberOfMessagesDelayed"
	ApproximateNumberOfMessagesNotVisible = "ApproximateNumberOfMessagesNotVisible"
	ContentBasedDeduplication             = "ContentBasedDeduplication"
	CreatedTimestamp                      = "CreatedTimestamp"
	DeduplicationScope                    = "DeduplicationScope"
	DelaySeconds                          = "DelaySeconds"
	FifoQueue                             = "FifoQueue"
	FifoThroughputLimit                   = "FifoThroughputLimit"
	KmsDataKeyReusePeriodSeconds          = "KmsDataKeyReusePeriodSeconds"
	KmsMasterKeyID                        = "KmsMasterKeyId"
	LastModifiedTimestamp                 = "LastModifiedTimestamp"
	MaximumMessageSize                    = "MaximumMessageSize"
	MessageRetentionPeriod                = "MessageRetentionPeriod"
	Policy                                = "Policy"
	QueueArn                              = "QueueArn"
	ReceiveMessageWaitTimeSeconds         = "ReceiveMessageWaitTimeSeconds"
	RedriveAllowPolicy                    = "RedriveAllowPolicy"
	RedrivePolicy                         = "RedrivePolicy"
	SqsManagedSseEnabled                  = "SqsManagedSseEnabled"
	VisibilityTimeout                     = "VisibilityTimeout"
)

// The values of DeduplicationScope and FifoThroughputLimit.
const (
	ScopeQueue           = "queue"
	ScopeMessageGroup    = "messageGroup"
	LimitPerQueue        = "perQueue"
	LimitPerMessageGroup = "perMessageGroupId"
)

// QueueAttributes is the table, in the order in which AWS lists the attributes of a queue: by name.
var QueueAttributes = []QueueAttribute{
	{Name: ApproximateNumberOfMessages, Kind: ReadOnlyAttribute},
	{Name: ApproximateNumberOfMessagesDelayed, Kind: ReadOnlyAttribute},
	{Name: ApproximateNumberOfMessagesNotVisible, Kind: ReadOnlyAttribute},
	{Name: ContentBasedDeduplication, Kind: BooleanAttribute, Default: "false", FIFO: true},
	{Name: CreatedTimestamp, Kind: ReadOnlyAttribute},
	{Name: DeduplicationScope, Kind: ChoiceAttribute, Choices: []string{ScopeQueue, ScopeMessageGroup}, Default: ScopeQueue, FIFO: true},
	{Name: DelaySeconds, Kind: IntegerAttribute, Min: 0, Max: MaxDelaySeconds, Default: "0"},
	{Name: FifoQueue, Kind: BooleanAttribute, FIFO: true}, // decided by CreateQueue, and stored as true or not at all
	{Name: FifoThroughputLimit, Kind: ChoiceAttribute, Choices: []string{LimitPerQueue, LimitPerMessageGroup}, Default: LimitPerQueue, FIFO: true},
	// A minute to a day. The default shows only while there is a key.
	{Name: KmsDataKeyReusePeriodSeconds, Kind: IntegerAttribute, Min: 60, Max: 86400, Default: "300"},
	{Name: KmsMasterKeyID, Kind: TextAttribute},
	{Name: LastModifiedTimestamp, Kind: ReadOnlyAttribute},
	// 1 MiB since August 2025 (recorded); 256 KiB before.
	{Name: MaximumMessageSize, Kind: IntegerAttribute, Min: 1024, Max: 1 << 20, Default: "1048576"},
	// 4 days; a minute to 14 days.
	{Name: MessageRetentionPeriod, Kind: IntegerAttribute, Min: 60, Max: 1209600, Default: "345600"},
	{Name: Policy, Kind: PolicyAttribute},
	{Name: QueueArn, Kind: ReadOnlyAttribute},
	{Name: ReceiveMessageWaitTimeSeconds, Kind: IntegerAttribute, Min: 0, Max: MaxWaitTimeSeconds, Default: "0"},
	{Name: RedriveAllowPolicy, Kind: PolicyAttribute},
	{Name: RedrivePolicy, Kind: PolicyAttribute},
	// True since October 2022. What SQS says of itself; nothing is encrypted here.
	{Name: SqsManagedSseEnabled, Kind: BooleanAttribute, Default: "true"},
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
