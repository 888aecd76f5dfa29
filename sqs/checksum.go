package sqs

import (
	"encoding/hex"
	"fmt"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
)

// ChecksumError says that a digest which came from the server does not fit the message. When writing, the message was
// stored, but not as it was sent. When reading, the message arrived damaged and stays in the queue.
type ChecksumError struct {
	MessageID string
	Of        string // what was digested: body, message attributes or system attributes
	Want, Got string // computed here, and received; in hexadecimal
}

// Error returns what differs, and in which message.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("sqs: MD5 of the %s of message %s is %q, want %q", e.Of, e.MessageID, e.Got, e.Want)
}

// digests are the MD5 sums that travel with a message.
type digests struct{ body, attributes, system string }

func digestsOf(stored string, attributes, system []api.MessageAttribute) digests {
	sum := wire.BodyMD5(stored)
	return digests{hex.EncodeToString(sum[:]), wire.AttributesMD5(attributes), wire.AttributesMD5(system)}
}

// check compares the digests computed here, want, with those received. It returns nil or a *ChecksumError.
func (want digests) check(messageID string, got digests) error {
	if want == got {
		return nil
	}
	for _, c := range [...]ChecksumError{
		{Of: "body", Want: want.body, Got: got.body},
		{Of: "message attributes", Want: want.attributes, Got: got.attributes},
		{Of: "system attributes", Want: want.system, Got: got.system},
	} {
		if c.Want != c.Got {
			c.MessageID = messageID
			return &c
		}
	}
	return nil
}
