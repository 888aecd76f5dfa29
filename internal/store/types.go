package store

import "github.com/bufeomq/bufeo/internal/api"

// QueueID identifies a queue for the store's whole life. Never reused.
type QueueID uint64

// Key names a queue from outside.
type Key struct {
	Account, Region, Name string
}

// ARN is the queue's Amazon Resource Name.
func (k Key) ARN() string {
	partition := "aws"
	switch {
	case len(k.Region) > 3 && k.Region[:3] == "cn-":
		partition = "aws-cn"
	case len(k.Region) > 7 && k.Region[:7] == "us-gov-":
		partition = "aws-us-gov"
	}
	return "arn:" + partition + ":sqs:" + k.Region + ":" + k.Account + ":" + k.Name
}

// Definition is what a client said about a queue.
type Definition struct {
	Attributes api.Attributes // those that were set, canonical values, sorted by name
	Tags       []api.Tag      // sorted by key
}

// Message is the immutable part of a stored message.
type Message struct {
	ID          [16]byte
	SentAt      int64 // ms since the epoch; retention counts from here
	Delay       int64 // ms; 0: none
	Body        string
	BodyMD5     [16]byte
	Attributes  []api.MessageAttribute
	TraceHeader string
	GroupID     string
	SenderID    string

	DeduplicationID string // FIFO queues
	// SourceARN is the queue that a dead letter came from; "" for a message that was sent here. Receives and
	// FirstReceive go on counting from there.
	SourceARN    string
	Receives     int64
	FirstReceive int64 // ms since the epoch
}
