package wire

import "slices"

// xmlOrder is the order of elements in XML answers, as AWS has always written them. It differs from JSON's, which is
// alphabetical, and some old clients read by position. One list serves all structures because no two of them disagree;
// elements that are not in it follow in the order of declaration.
var xmlOrder = []string{
	// Batch answers: what succeeded, then what failed.
	"SendMessageBatchResultEntry",
	"DeleteMessageBatchResultEntry",
	"ChangeMessageVisibilityBatchResultEntry",
	"BatchResultErrorEntry",
	// The result of one message or entry, and a message.
	"Id",
	"MessageId",
	"ReceiptHandle",
	"MD5OfMessageBody",
	"MD5OfBody",
	"Body",
	"Attribute",
	"MD5OfMessageAttributes",
	"MD5OfMessageSystemAttributes",
	"SequenceNumber",
	"MessageAttribute",
	// The value of a message attribute.
	"StringValue",
	"BinaryValue",
	"StringListValue",
	"BinaryListValue",
	"DataType",
	// The failure of an entry.
	"Code",
	"Message",
	"SenderFault",
	// A message move task, in the order of AWS's model: no answer of Query is recorded.
	"TaskHandle",
	"Status",
	"SourceArn",
	"DestinationArn",
	"MaxNumberOfMessagesPerSecond",
	"ApproximateNumberOfMessagesMoved",
	"ApproximateNumberOfMessagesToMove",
	"FailureReason",
	"StartedTimestamp",
}

func xmlRank(element string) int {
	if i := slices.Index(xmlOrder, element); i >= 0 {
		return i
	}
	return len(xmlOrder)
}
