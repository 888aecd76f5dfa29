package sqs

import (
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// ErrorCode is the name of a refusal, to be given to errors.Is. It is the name that AWS's model has, which current SDKs
// use too; the codes of the Query protocol are translated to it. Codes that are not listed here can be compared as
// sqs.ErrorCode("TheirName").
type ErrorCode string

// Error returns the name.
func (c ErrorCode) Error() string { return string(c) }

// What SQS refuses about queues and their attributes.
const (
	// ErrQueueDoesNotExist: there is no queue of that name or URL, or not any more.
	ErrQueueDoesNotExist = ErrorCode("QueueDoesNotExist")
	// ErrQueueNameExists: CreateQueue named a queue that exists with other attributes.
	ErrQueueNameExists = ErrorCode("QueueNameExists")
	// ErrQueueDeletedRecently: a queue of that name was deleted less than 60 seconds ago.
	ErrQueueDeletedRecently = ErrorCode("QueueDeletedRecently")
	// ErrPurgeQueueInProgress: the queue was purged less than 60 seconds ago.
	ErrPurgeQueueInProgress = ErrorCode("PurgeQueueInProgress")
	// ErrInvalidAttributeName: there is no such queue attribute, or not for this type of queue.
	ErrInvalidAttributeName = ErrorCode("InvalidAttributeName")
	// ErrInvalidAttributeValue: a queue attribute has a value out of its range or form.
	ErrInvalidAttributeValue = ErrorCode("InvalidAttributeValue")
	// ErrInvalidAddress: the URL is not that of a queue.
	ErrInvalidAddress = ErrorCode("InvalidAddress")
)

// What SQS refuses about messages and batches.
const (
	// ErrInvalidMessageContents: a body has a character that SQS does not carry.
	ErrInvalidMessageContents = ErrorCode("InvalidMessageContents")
	// ErrReceiptHandleIsInvalid: a receipt handle is not one, or is another queue's.
	ErrReceiptHandleIsInvalid = ErrorCode("ReceiptHandleIsInvalid")
	// ErrOverLimit: too many messages are in flight.
	ErrOverLimit = ErrorCode("OverLimit")
	// ErrEmptyBatchRequest: a batch has no entries. This package sends no such batch.
	ErrEmptyBatchRequest = ErrorCode("EmptyBatchRequest")
	// ErrTooManyEntriesInBatchRequest: a batch has more than ten. This package sends no such batch.
	ErrTooManyEntriesInBatchRequest = ErrorCode("TooManyEntriesInBatchRequest")
	// ErrBatchEntryIDsNotDistinct: two entries have one id. This package sends no such batch.
	ErrBatchEntryIDsNotDistinct = ErrorCode("BatchEntryIdsNotDistinct")
	// ErrInvalidBatchEntryID: an entry's id has a wrong form. This package sends no such batch.
	ErrInvalidBatchEntryID = ErrorCode("InvalidBatchEntryId")
	// ErrBatchRequestTooLong: a batch exceeds 1 MiB, which here means that one message does.
	ErrBatchRequestTooLong = ErrorCode("BatchRequestTooLong")
	// ErrUnsupportedOperation: the request asks for what SQS has never had.
	ErrUnsupportedOperation = ErrorCode("UnsupportedOperation")
	// ErrResourceNotFound: a message move task, or a queue that one names, does not exist.
	ErrResourceNotFound = ErrorCode("ResourceNotFoundException")
)

// What SQS refuses about requests as such.
const (
	// ErrInvalidParameterValue: a parameter is out of its range or form; Error.Message says which.
	ErrInvalidParameterValue = ErrorCode("InvalidParameterValueException")
	// ErrMissingParameter: a required parameter is absent or empty.
	ErrMissingParameter = ErrorCode("MissingRequiredParameterException")
	// ErrUnknownOperation: the server does not know the action, or not at that address.
	ErrUnknownOperation = ErrorCode("UnknownOperationException")
	// ErrSerialization: the server could not read the request.
	ErrSerialization = ErrorCode("SerializationException")
	// ErrRequestTooLong: the request exceeds what the server reads.
	ErrRequestTooLong = ErrorCode("RequestEntityTooLargeException")
	// ErrRequestTimeout: the request did not arrive in time. It is repeated.
	ErrRequestTimeout = ErrorCode("RequestTimeoutException")
	// ErrMethodNotAllowed: the server takes GET and POST only.
	ErrMethodNotAllowed = ErrorCode("MethodNotAllowedException")
	// ErrAccessDenied: the keys do not allow this action on this queue.
	ErrAccessDenied = ErrorCode("AccessDeniedException")
	// ErrInternal: the server failed. It is repeated.
	ErrInternal = ErrorCode("InternalFailure")
	// ErrServiceUnavailable: the server cannot do this now. It is repeated.
	ErrServiceUnavailable = ErrorCode("ServiceUnavailableException")
)

// What AWS's model lists beyond that. A bufeo server answers with none of them.
const (
	// ErrMessageNotInflight: the message is not in flight. SQS has not been seen to say so.
	ErrMessageNotInflight = ErrorCode("MessageNotInflight")
	// ErrInvalidIDFormat: the receipt handle is of an older version. SQS says ErrReceiptHandleIsInvalid instead.
	ErrInvalidIDFormat = ErrorCode("InvalidIdFormat")
	// ErrInvalidSecurity: the request was not made over HTTPS, or not signed with version 4.
	ErrInvalidSecurity = ErrorCode("InvalidSecurity")
	// ErrRequestThrottled: there were too many requests.
	ErrRequestThrottled = ErrorCode("RequestThrottled")
	// ErrKmsAccessDenied: the caller may not use the queue's key.
	ErrKmsAccessDenied = ErrorCode("KmsAccessDenied")
	// ErrKmsDisabled: the queue's key is disabled.
	ErrKmsDisabled = ErrorCode("KmsDisabled")
	// ErrKmsInvalidKeyUsage: the queue's key is not made for this use.
	ErrKmsInvalidKeyUsage = ErrorCode("KmsInvalidKeyUsage")
	// ErrKmsInvalidState: the queue's key is in a state that does not allow this.
	ErrKmsInvalidState = ErrorCode("KmsInvalidState")
	// ErrKmsNotFound: the queue's key does not exist.
	ErrKmsNotFound = ErrorCode("KmsNotFound")
	// ErrKmsOptInRequired: the account has not opted in to the key service.
	ErrKmsOptInRequired = ErrorCode("KmsOptInRequired")
	// ErrKmsThrottled: there were too many requests to the key service.
	ErrKmsThrottled = ErrorCode("KmsThrottled")
)

// modelNames translates the codes of the Query protocol to names of the model.
var modelNames = func() map[string]ErrorCode {
	names := make(map[string]ErrorCode, len(api.Catalogue))
	for _, kind := range api.Catalogue {
		names[kind.QueryCode] = ErrorCode(kind.Name())
	}
	return names
}()

// codeOf prefers the name of the model; shape may carry a namespace. A Query code that is not in the catalogue stands
// for itself, without the prefix that only SQS's older codes have.
func codeOf(shape, queryCode string) ErrorCode {
	if name := shape[strings.LastIndexByte(shape, '#')+1:]; name != "" && name != queryCode {
		return ErrorCode(name)
	}
	if name, known := modelNames[queryCode]; known {
		return name
	}
	return ErrorCode(strings.TrimPrefix(queryCode, "AWS.SimpleQueueService."))
}
