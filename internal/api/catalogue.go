package api

// Modelled shapes and generic ones live in two namespaces (recorded from AWS).
const (
	sqsShape   = "com.amazonaws.sqs#"
	coralShape = "com.amazon.coral.service#"
	querySQS   = "AWS.SimpleQueueService."
)

// Catalogue lists every row, in the order of declaration.
var Catalogue []*Kind

func row(shape, queryCode string, status int, format string) *Kind {
	k := &Kind{Shape: shape, QueryCode: queryCode, Status: status, Format: format}
	Catalogue = append(Catalogue, k)
	return k
}

func invalidParameter(format string) *Kind {
	return row(coralShape+"InvalidParameterValueException", "InvalidParameterValue", 400, format)
}

// Faults of queues.
var (
	QueueDoesNotExist = queryText(row(sqsShape+"QueueDoesNotExist", querySQS+"NonExistentQueue", 400,
		"The specified queue does not exist."), "The specified queue does not exist for this wsdl version.")
	QueueNameExists = row(sqsShape+"QueueNameExists", "QueueAlreadyExists", 400,
		"A queue already exists with the same name and a different value for attribute %s")
	QueueDeletedRecently = row(sqsShape+"QueueDeletedRecently", querySQS+"QueueDeletedRecently", 400,
		"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	PurgeQueueInProgress = row(sqsShape+"PurgeQueueInProgress", querySQS+"PurgeQueueInProgress", 403,
		"Only one PurgeQueue operation on %s is allowed every 60 seconds.")
	TooManyQueues = row(sqsShape+"OverLimit", "OverLimit", 403,
		"This server has as many queues as it may have: delete some, or have its operator raise --max-queues.")
	InvalidQueueName     = invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	InvalidFIFOQueueName = invalidParameter("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length")
	QueueNameMissing     = invalidParameter("Value for parameter QueueName is invalid. Reason: Must specify a queue name.")
	InvalidMaxResults    = invalidParameter("Value %v for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.")
	InvalidNextToken     = invalidParameter("Value for parameter NextToken is invalid. Reason: The token was not issued for this request.")
)

// Faults of queue attributes and tags.
var (
	UnknownAttribute      = row(sqsShape+"InvalidAttributeName", "InvalidAttributeName", 400, "Unknown Attribute %s.")
	FIFOAttribute         = row(sqsShape+"InvalidAttributeName", "InvalidAttributeName", 400, "You can specify the %s only when FifoQueue is set to true.")
	TwoEncryptions        = row(sqsShape+"InvalidAttributeName", "InvalidAttributeName", 400, "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	InvalidAttributeValue = row(sqsShape+"InvalidAttributeValue", "InvalidAttributeValue", 400, "Invalid value for the parameter %s.")
	QueueTypeIsFixed      = row(sqsShape+"InvalidAttributeValue", "InvalidAttributeValue", 400, "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
	TooManyTags           = invalidParameter("Too many tags added for queue %s.")
	InvalidTagKey         = invalidParameter("Tag keys must be between 1 and 128 characters in length.")
	InvalidTagValue       = invalidParameter("Tag values must be between 0 and 256 characters in length.")
	ReservedTagKey        = invalidParameter("Tag keys must not begin with aws: - that prefix is reserved.")
	InvalidTagText        = invalidParameter("Tags can only contain the characters #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
)

// Faults of dead-letter queues.
var (
	RedrivePolicyNotJSON      = redrivePolicy("Redrive policy is not a valid JSON map.")
	RedrivePolicyIncomplete   = redrivePolicy("Redrive policy does not contain mandatory attribute: %s.")
	InvalidMaxReceiveCount    = redrivePolicy("Invalid value for maxReceiveCount: %s, valid values are from 1 to 1000 both inclusive.")
	InvalidDeadLetterARN      = redrivePolicy("Invalid value for deadLetterTargetArn.")
	DeadLetterOfOtherAccount  = redrivePolicy("Dead letter target owner should be same as the source.")
	DeadLetterOfOtherRegion   = redrivePolicy("Dead-letter target must be in same region as the source.")
	DeadLetterDoesNotExist    = redrivePolicy("Dead letter target does not exist.")
	DeadLetterOfOtherType     = redrivePolicy("Dead-letter queue must be same type of queue as the source.")
	RedriveDenied             = redrivePolicy("The redrive allow policy of the dead letter target does not allow this source queue.")
	InvalidRedriveAllowPolicy = invalidParameter("Value %s for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the redrive allow policy. %s")
)

func redrivePolicy(reason string) *Kind {
	return invalidParameter("Value %s for parameter RedrivePolicy is invalid. Reason: " + reason)
}

// Faults of permissions.
var (
	LabelExists          = invalidParameter("Value %s for parameter Label is invalid. Reason: Already exists.")
	LabelWithoutPolicy   = invalidParameter("Value %s for parameter Label is invalid. Reason: can't find label.")
	LabelNotInPolicy     = invalidParameter("Value %s for parameter Label is invalid. Reason: can't find label on existing policy.")
	InvalidLabel         = invalidParameter("Value %s for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
	UnknownPermission    = invalidParameter("Value SQS:%s for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions.")
	OwnerOnlyPermission  = invalidParameter("Value SQS:%s for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.")
	InvalidPrincipal     = invalidParameter("Value [%s] for parameter PrincipalId is invalid. Reason: Unable to verify.")
	TooManyPermissions   = row(sqsShape+"OverLimit", "OverLimit", 403, "%d Actions were found, maximum allowed is 7.")
	TooManyStatements    = row(sqsShape+"OverLimit", "OverLimit", 403, "The policy of the queue has %d statements, maximum allowed is 20.")
	PolicyTooLong        = row(sqsShape+"OverLimit", "OverLimit", 403, "The policy of the queue would be %d bytes long, maximum allowed is 8192.")
	PolicyIsNotForLabels = invalidParameter("The policy of the queue has no statements that permissions could be added to or removed from.")
)

// Faults of message move tasks.
var (
	MoveSourceDoesNotExist      = row(sqsShape+"ResourceNotFoundException", "ResourceNotFoundException", 404, "The resource that you specified for the SourceArn parameter doesn't exist.")
	MoveDestinationDoesNotExist = row(sqsShape+"ResourceNotFoundException", "ResourceNotFoundException", 404, "The resource that you specified for the DestinationArn parameter doesn't exist.")
	MoveTaskDoesNotExist        = row(sqsShape+"ResourceNotFoundException", "ResourceNotFoundException", 404, "Task does not exist.")
	MoveSourceIsNoDeadLetter    = invalidParameter("Source queue must be configured as a Dead Letter Queue.")
	MoveTaskIsRunning           = invalidParameter("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	MoveTaskIsOver              = invalidParameter("Only active tasks can be cancelled.")
	InvalidTaskHandle           = invalidParameter("Value for parameter TaskHandle is invalid.")
	InvalidMoveARN              = invalidParameter("You must use this format to specify the %s: arn:<partition>:<service>:<region>:<account-id>:<resource-id>")
	InvalidMoveRate             = invalidParameter("Value %v for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.")
	InvalidMoveResults          = invalidParameter("Value %v for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.")
	MoveToOtherType             = invalidParameter("The queue that you specified for the DestinationArn parameter must be of the same type as the source queue.")
	MoveToSource                = invalidParameter("The DestinationArn parameter must not be the same queue as the SourceArn parameter.")
)

// Faults of messages.
var (
	InvalidMessageContents = row(sqsShape+"InvalidMessageContents", "InvalidMessageContents", 400,
		"Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	MessageTooLong      = invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %v bytes.")
	BatchMessageTooLong = invalidParameter("One or more parameters cannot be validated. Reason: Message must be shorter than %v bytes.")
	InvalidDelay        = invalidParameter("Value %v for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.")
	NotForThisQueueType = invalidParameter("Value %v for parameter %s is invalid. Reason: The request include parameter that is not valid for this queue type.")
	InvalidGroupID      = invalidParameter("Value %s for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	InvalidDedupID      = invalidParameter("Value %s for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	InvalidAttemptID    = invalidParameter("Value %s for parameter ReceiveRequestAttemptId is invalid. Reason: ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	DedupIDMissing      = invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	BatchGroupIDMissing = invalidParameter("The request must contain the parameter MessageGroupId.")

	EmptyAttributeValue      = invalidParameter("Message (user) attribute '%s' must contain a non-empty value of type '%s'.")
	InvalidAttributeType     = invalidParameter("The type of message (user) attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.")
	AttributeTypeTooLong     = invalidParameter("Message (user) attribute types must be shorter than 256 Bytes")
	TooManyMessageAttributes = invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [10].")
	EmptyAttributeName       = invalidParameter("The request must contain non-empty message attribute name.")
	AttributeNotANumber      = invalidParameter("Can't cast the value of message (user) attribute '%s' to a number.")
	ReservedAttributeName    = invalidParameter("You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use. Additionally, they cannot start or end with '.'.")
	InvalidAttributeNameText = invalidParameter("Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ")
	AttributeNameTooLong     = invalidParameter("Message (user) attribute names must be shorter than 256 Bytes")
	InvalidAttributeText     = invalidParameter("Invalid characters found in the value of message (user) attribute '%s'. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	DuplicateAttributeName   = invalidParameter("Message (user) attribute name '%s' already exists.")
	InvalidSystemAttribute   = invalidParameter("Message system attribute name '%s' is invalid. You can use only the following message system attribute names: AWSTraceHeader.")
	TraceHeaderTooLong       = invalidParameter("Message system attribute 'AWSTraceHeader' must not be longer than %d bytes.")
	AttributeListValues      = row(sqsShape+"UnsupportedOperation", querySQS+"UnsupportedOperation", 400,
		"Message attribute list values in %s operation are not supported.")
)

// Faults of receiving, deleting and changing visibility.
var (
	InvalidMaxNumberOfMessages = invalidParameter("Value %v for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.")
	InvalidWaitTime            = invalidParameter("Value %v for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.")
	InvalidVisibilityTimeout   = invalidParameter("Value %v for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.")
	VisibilityBeyondLimit      = invalidParameter("Value %v for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	MessageGone                = invalidParameter("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")
	HandleExpired              = invalidParameter("Value %s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.")
	ReceiptHandleIsInvalid     = row(sqsShape+"ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404,
		"The input receipt handle \"%s\" is not a valid receipt handle.")
	ReceiptHandleOfOtherQueue = row(sqsShape+"ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404,
		"The receipt handle \"%s\" is not valid for this queue.")
	OverLimit = row(sqsShape+"OverLimit", "OverLimit", 403,
		"Too many messages have been received without being deleted. Please delete your received messages or let them timeout before receiving more.")
)

// Faults of batches.
var (
	EmptyBatchRequest = row(sqsShape+"EmptyBatchRequest", querySQS+"EmptyBatchRequest", 400,
		"There should be at least one %sBatchRequestEntry in the request.")
	TooManyEntriesInBatchRequest = row(sqsShape+"TooManyEntriesInBatchRequest", querySQS+"TooManyEntriesInBatchRequest", 400,
		"Maximum number of entries per request are 10. You have sent %d.")
	BatchEntryIDsNotDistinct = row(sqsShape+"BatchEntryIdsNotDistinct", querySQS+"BatchEntryIdsNotDistinct", 400, "Id %s repeated.")
	InvalidBatchEntryID      = row(sqsShape+"InvalidBatchEntryId", querySQS+"InvalidBatchEntryId", 400,
		"A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
	BatchRequestTooLong = row(sqsShape+"BatchRequestTooLong", querySQS+"BatchRequestTooLong", 400,
		"Batch requests cannot be longer than 1048576 bytes. You have sent %d bytes.")
)

// Faults of requests as such.
var (
	MissingParameter = row(coralShape+"MissingRequiredParameterException", "MissingParameter", 400,
		"The request must contain the parameter %s.")
	NotAnInteger  = invalidParameter("Value %s for parameter %s is invalid. Reason: Must be an integer.")
	NotBase64     = invalidParameter("Value for parameter %s is invalid. Reason: Must be base64.")
	InvalidAction = row(coralShape+"UnknownOperationException", "InvalidAction", 400,
		"The action %s is not valid for this endpoint.")
	InvalidAddress = row(sqsShape+"InvalidAddress", "InvalidAddress", 404, "The address %s is not valid for this endpoint.")
	MalformedInput = row(coralShape+"SerializationException", "MalformedInput", 400, "The request body is malformed: %s.")
	RequestTooLong = row(coralShape+"RequestEntityTooLargeException", "RequestEntityTooLarge", 413,
		"The request body is longer than %d bytes.")
	RequestTimeout = row(coralShape+"RequestTimeoutException", "RequestTimeout", 408,
		"The request body did not arrive in time.")
	MethodNotAllowed = row(coralShape+"MethodNotAllowedException", "MethodNotAllowed", 405,
		"The method %s is not supported: use %s.")
	AccessDenied = row(coralShape+"AccessDeniedException", "AccessDenied", 403,
		"Access to the resource %s is denied.")
	// ForeignOrigin refuses what a web page could have sent; the hint that goes with it stands in the text because
	// whoever meets it is the operator.
	ForeignOrigin = row(coralShape+"AccessDeniedException", "AccessDenied", 403, "%s")
	InternalError = row(coralShape+"InternalFailure", "InternalError", 500,
		"We encountered an internal error. Please try again.")
	ServiceUnavailable = row(coralShape+"ServiceUnavailableException", "ServiceUnavailable", 503, "%s")
)

// Errors of AWS's model that bufeo never answers with: there are no keys to have trouble with, no rates to exceed, and
// SQS itself says other things (MessageNotInflight and InvalidIdFormat have not been seen in any recording). They are
// here for clients, which know them by name.
var (
	MessageNotInflight = unused("MessageNotInflight", querySQS+"MessageNotInflight", 400, "The message referred to isn't in flight.")
	InvalidIDFormat    = unused("InvalidIdFormat", "InvalidIdFormat", 404, "The specified receipt handle isn't valid for the current version.")
	InvalidSecurity    = unused("InvalidSecurity", "InvalidSecurity", 403, "The request was not made over HTTPS or did not use SigV4 for signing.")
	RequestThrottled   = unused("RequestThrottled", "RequestThrottled", 403, "The request was denied due to request throttling.")

	KmsAccessDenied    = unused("KmsAccessDenied", "KMS.AccessDeniedException", 400, "The caller doesn't have the required KMS access.")
	KmsDisabled        = unused("KmsDisabled", "KMS.DisabledException", 400, "The request was rejected because the specified key is disabled.")
	KmsInvalidKeyUsage = unused("KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException", 400, "The request was rejected because the key cannot be used in this way.")
	KmsInvalidState    = unused("KmsInvalidState", "KMS.InvalidStateException", 400, "The request was rejected because the state of the specified resource is not valid for this request.")
	KmsNotFound        = unused("KmsNotFound", "KMS.NotFoundException", 400, "The request was rejected because the specified entity or resource could not be found.")
	KmsOptInRequired   = unused("KmsOptInRequired", "KMS.OptInRequired", 403, "The account has not opted in to the key service.")
	KmsThrottled       = unused("KmsThrottled", "KMS.ThrottlingException", 400, "The key service throttled the request.")
)

func unused(name, queryCode string, status int, format string) *Kind {
	k := row(sqsShape+name, queryCode, status, format)
	k.Unused = true
	return k
}

func queryText(k *Kind, format string) *Kind {
	k.QueryFormat = format
	return k
}
