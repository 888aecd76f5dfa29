package api

// MessageAttribute is a named, typed value that travels beside the body.
type MessageAttribute struct {
	Name  string                `wire:"Name"`
	Value MessageAttributeValue `wire:"Value"`
}

// MessageAttributeValue holds StringValue for the types String and Number, BinaryValue for Binary. The list members
// are in AWS's model but have never been supported by SQS; they exist here so that their use can be refused by name.
type MessageAttributeValue struct {
	BinaryListValues [][]byte `wire:"BinaryListValues,BinaryListValue"`
	BinaryValue      []byte   `wire:"BinaryValue"`
	DataType         string   `wire:"DataType"`
	StringListValues []string `wire:"StringListValues,StringListValue"`
	StringValue      string   `wire:"StringValue"`
}

// SendMessageInput is one message. An absent body and an empty one are the same fault.
type SendMessageInput struct {
	QueueURL                string             `wire:"QueueUrl"`
	MessageBody             string             `wire:"MessageBody"`
	DelaySeconds            *int               `wire:"DelaySeconds"`
	MessageAttributes       []MessageAttribute `wire:"MessageAttributes,MessageAttribute,map"`
	MessageSystemAttributes []MessageAttribute `wire:"MessageSystemAttributes,MessageSystemAttribute,map"`
	MessageDeduplicationID  *string            `wire:"MessageDeduplicationId"`
	MessageGroupID          *string            `wire:"MessageGroupId"`
}

// SendMessageOutput identifies the stored message and lets the sender check what arrived.
type SendMessageOutput struct {
	MD5OfMessageAttributes       string `wire:"MD5OfMessageAttributes"`
	MD5OfMessageBody             string `wire:"MD5OfMessageBody"`
	MD5OfMessageSystemAttributes string `wire:"MD5OfMessageSystemAttributes"`
	MessageID                    string `wire:"MessageId"`
	SequenceNumber               string `wire:"SequenceNumber"`
}

// SendMessageBatchInput is up to MaxBatchEntries messages.
type SendMessageBatchInput struct {
	QueueURL string             `wire:"QueueUrl"`
	Entries  []SendMessageEntry `wire:"Entries,SendMessageBatchRequestEntry"`
}

// SendMessageEntry is one message of a batch; ID names it within the request.
type SendMessageEntry struct {
	ID                      string             `wire:"Id"`
	MessageBody             string             `wire:"MessageBody"`
	DelaySeconds            *int               `wire:"DelaySeconds"`
	MessageAttributes       []MessageAttribute `wire:"MessageAttributes,MessageAttribute,map"`
	MessageSystemAttributes []MessageAttribute `wire:"MessageSystemAttributes,MessageSystemAttribute,map"`
	MessageDeduplicationID  *string            `wire:"MessageDeduplicationId"`
	MessageGroupID          *string            `wire:"MessageGroupId"`
}

// SendMessageBatchOutput tells entry by entry what became of the batch.
type SendMessageBatchOutput struct {
	Failed     []BatchResultError   `wire:"Failed,BatchResultErrorEntry"`
	Successful []SendMessageSuccess `wire:"Successful,SendMessageBatchResultEntry"`
}

// SendMessageSuccess is the result of one entry that was stored.
type SendMessageSuccess struct {
	ID                           string `wire:"Id"`
	MD5OfMessageAttributes       string `wire:"MD5OfMessageAttributes"`
	MD5OfMessageBody             string `wire:"MD5OfMessageBody"`
	MD5OfMessageSystemAttributes string `wire:"MD5OfMessageSystemAttributes"`
	MessageID                    string `wire:"MessageId"`
	SequenceNumber               string `wire:"SequenceNumber"`
}

// BatchResultError is the result of one entry that was refused. Code is the Query code of the error in both protocols.
type BatchResultError struct {
	Code        string `wire:"Code"`
	ID          string `wire:"Id"`
	Message     string `wire:"Message"`
	SenderFault bool   `wire:"SenderFault"`
}

// ReceiveMessageInput asks for messages. AttributeNames is the deprecated name of MessageSystemAttributeNames; what is
// asked for is the union of both.
type ReceiveMessageInput struct {
	QueueURL                    string   `wire:"QueueUrl"`
	AttributeNames              []string `wire:"AttributeNames,AttributeName"`
	MessageSystemAttributeNames []string `wire:"MessageSystemAttributeNames,MessageSystemAttributeName"`
	MessageAttributeNames       []string `wire:"MessageAttributeNames,MessageAttributeName"`
	MaxNumberOfMessages         *int     `wire:"MaxNumberOfMessages"`
	VisibilityTimeout           *int     `wire:"VisibilityTimeout"`
	WaitTimeSeconds             *int     `wire:"WaitTimeSeconds"`
	ReceiveRequestAttemptID     *string  `wire:"ReceiveRequestAttemptId"`
}

// ReceiveMessageOutput holds what was there, oldest first as far as SQS promises any order.
type ReceiveMessageOutput struct {
	Messages []Message `wire:"Messages,Message"`
}

// Message is one delivery.
type Message struct {
	Attributes             Attributes         `wire:"Attributes,Attribute,map"`
	Body                   string             `wire:"Body"`
	MD5OfBody              string             `wire:"MD5OfBody"`
	MD5OfMessageAttributes string             `wire:"MD5OfMessageAttributes"`
	MessageAttributes      []MessageAttribute `wire:"MessageAttributes,MessageAttribute,map"`
	MessageID              string             `wire:"MessageId"`
	ReceiptHandle          string             `wire:"ReceiptHandle"`
}

// DeleteMessageInput names one delivery.
type DeleteMessageInput struct {
	QueueURL      string `wire:"QueueUrl"`
	ReceiptHandle string `wire:"ReceiptHandle"`
}

// DeleteMessageBatchInput names up to MaxBatchEntries of them.
type DeleteMessageBatchInput struct {
	QueueURL string               `wire:"QueueUrl"`
	Entries  []DeleteMessageEntry `wire:"Entries,DeleteMessageBatchRequestEntry"`
}

// DeleteMessageEntry is one delete of a batch.
type DeleteMessageEntry struct {
	ID            string `wire:"Id"`
	ReceiptHandle string `wire:"ReceiptHandle"`
}

// DeleteMessageBatchOutput tells entry by entry what became of the batch.
type DeleteMessageBatchOutput struct {
	Failed     []BatchResultError     `wire:"Failed,BatchResultErrorEntry"`
	Successful []DeleteMessageSuccess `wire:"Successful,DeleteMessageBatchResultEntry"`
}

// DeleteMessageSuccess is the result of one entry that succeeded.
type DeleteMessageSuccess struct {
	ID string `wire:"Id"`
}

// ChangeMessageVisibilityInput sets the time, from now, at which a delivery that was not deleted is over.
type ChangeMessageVisibilityInput struct {
	QueueURL          string `wire:"QueueUrl"`
	ReceiptHandle     string `wire:"ReceiptHandle"`
	VisibilityTimeout *int   `wire:"VisibilityTimeout"`
}

// ChangeMessageVisibilityBatchInput does so for up to MaxBatchEntries deliveries.
type ChangeMessageVisibilityBatchInput struct {
	QueueURL string                  `wire:"QueueUrl"`
	Entries  []ChangeVisibilityEntry `wire:"Entries,ChangeMessageVisibilityBatchRequestEntry"`
}

// ChangeVisibilityEntry is one change of a batch.
type ChangeVisibilityEntry struct {
	ID                string `wire:"Id"`
	ReceiptHandle     string `wire:"ReceiptHandle"`
	VisibilityTimeout *int   `wire:"VisibilityTimeout"`
}

// ChangeMessageVisibilityBatchOutput tells entry by entry what became of the batch.
type ChangeMessageVisibilityBatchOutput struct {
	Failed     []BatchResultError        `wire:"Failed,BatchResultErrorEntry"`
	Successful []ChangeVisibilitySuccess `wire:"Successful,ChangeMessageVisibilityBatchResultEntry"`
}

// ChangeVisibilitySuccess is the result of one entry that succeeded.
type ChangeVisibilitySuccess struct {
	ID string `wire:"Id"`
}
