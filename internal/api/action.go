package api

// Version is the one API version that SQS has ever had.
const Version = "2012-11-05"

// TargetPrefix precedes the action's name in the X-Amz-Target header of AWS JSON 1.0.
const TargetPrefix = "AmazonSQS."

// XMLNamespace is the namespace of every XML answer.
const XMLNamespace = "http://queue.amazonaws.com/doc/2012-11-05/"

// Scope says what an action is addressed to.
type Scope int

const (
	// OnService marks actions of the endpoint itself; a queue's URL does not take them.
	OnService Scope = iota
	// OnQueue marks actions that name a queue by QueueUrl or by the path of the request.
	OnQueue
	// OnEither marks what works at both addresses: GetQueueUrl, which takes a name (recorded), and the move tasks, which
	// take ARNs.
	OnEither
)

// Action is one row of the API: its name, what it is addressed to, and the types that go in and out. The type
// parameters let the compiler prove that client, codec and handler agree with the row.
type Action[In, Out any] struct {
	Name string
	On   Scope
}

// None is the output of the actions that answer with nothing: no body in JSON, no Result element in XML.
type None struct{}

// The actions of SQS, all 23 of them.
var (
	CreateQueue                  = Action[CreateQueueInput, CreateQueueOutput]{"CreateQueue", OnService}
	GetQueueURL                  = Action[GetQueueURLInput, GetQueueURLOutput]{"GetQueueUrl", OnEither}
	ListQueues                   = Action[ListQueuesInput, ListQueuesOutput]{"ListQueues", OnService}
	DeleteQueue                  = Action[DeleteQueueInput, None]{"DeleteQueue", OnQueue}
	GetQueueAttributes           = Action[GetQueueAttributesInput, GetQueueAttributesOutput]{"GetQueueAttributes", OnQueue}
	SetQueueAttributes           = Action[SetQueueAttributesInput, None]{"SetQueueAttributes", OnQueue}
	SendMessage                  = Action[SendMessageInput, SendMessageOutput]{"SendMessage", OnQueue}
	SendMessageBatch             = Action[SendMessageBatchInput, SendMessageBatchOutput]{"SendMessageBatch", OnQueue}
	ReceiveMessage               = Action[ReceiveMessageInput, ReceiveMessageOutput]{"ReceiveMessage", OnQueue}
	DeleteMessage                = Action[DeleteMessageInput, None]{"DeleteMessage", OnQueue}
	DeleteMessageBatch           = Action[DeleteMessageBatchInput, DeleteMessageBatchOutput]{"DeleteMessageBatch", OnQueue}
	ChangeMessageVisibility      = Action[ChangeMessageVisibilityInput, None]{"ChangeMessageVisibility", OnQueue}
	ChangeMessageVisibilityBatch = Action[ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityBatchOutput]{"ChangeMessageVisibilityBatch", OnQueue}
	PurgeQueue                   = Action[PurgeQueueInput, None]{"PurgeQueue", OnQueue}
	TagQueue                     = Action[TagQueueInput, None]{"TagQueue", OnQueue}
	UntagQueue                   = Action[UntagQueueInput, None]{"UntagQueue", OnQueue}
	ListQueueTags                = Action[ListQueueTagsInput, ListQueueTagsOutput]{"ListQueueTags", OnQueue}
	AddPermission                = Action[AddPermissionInput, None]{"AddPermission", OnQueue}
	RemovePermission             = Action[RemovePermissionInput, None]{"RemovePermission", OnQueue}
	ListDeadLetterSourceQueues   = Action[ListDeadLetterSourceQueuesInput, ListDeadLetterSourceQueuesOutput]{"ListDeadLetterSourceQueues", OnQueue}
	StartMessageMoveTask         = Action[StartMessageMoveTaskInput, StartMessageMoveTaskOutput]{"StartMessageMoveTask", OnEither}
	CancelMessageMoveTask        = Action[CancelMessageMoveTaskInput, CancelMessageMoveTaskOutput]{"CancelMessageMoveTask", OnEither}
	ListMessageMoveTasks         = Action[ListMessageMoveTasksInput, ListMessageMoveTasksOutput]{"ListMessageMoveTasks", OnEither}
)
