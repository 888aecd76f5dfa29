package sqs

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
)

// ErrNoMessage is returned by Read when the queue had no message to give. It is not a failure of the request.
var ErrNoMessage = errors.New("sqs: no message")

// Fault says whose fault an error is.
type Fault string

const (
	// FaultSender means that the request was wrong; repeated unchanged it fails again.
	FaultSender Fault = "Sender"
	// FaultReceiver means that the service failed; the request may succeed later.
	FaultReceiver Fault = "Receiver"
)

// Error is what a server answered instead of doing what was asked: boto's SQSError. errors.Is compares it with the
// codes: errors.Is(err, sqs.ErrQueueDoesNotExist).
type Error struct {
	Code      ErrorCode // the same in both protocols and in batches; "" if the answer had no readable one
	QueryCode string    // as the Query protocol spells it, such as AWS.SimpleQueueService.NonExistentQueue; may be ""
	Message   string    // the server's text, or the start of an answer that was not SQS's
	Fault     Fault
	Status    int    // HTTP status; 0 for an entry of a batch
	RequestID string // by which the operator of the server finds the request; may be ""
}

// Error returns code and text, and status and request id as far as known.
func (e *Error) Error() string {
	code := string(e.Code)
	if code == "" {
		code = fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	}
	text := code + ": " + e.Message
	if e.RequestID != "" {
		text += " (request id " + e.RequestID + ")"
	}
	return text
}

// Is reports whether target is this error's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(ErrorCode)
	return ok && code == e.Code
}

// ErrorCode returns the code as a string. The AWS SDK's retryers ask for it.
func (e *Error) ErrorCode() string { return string(e.Code) }

// HTTPStatusCode returns the status. The AWS SDK's retryers ask for it.
func (e *Error) HTTPStatusCode() int { return e.Status }

// fault makes the error of an answer that is not 2xx. What stands between client and server (a proxy, a load balancer)
// answers in its own words; the start of them is then the message.
func (a *answer) fault(queryErrorHeader string) *Error {
	var f wire.Fault
	var err error
	if a.query {
		f, err = wire.DecodeXMLError(a.body)
	} else {
		f, err = wire.DecodeJSONError(a.body, queryErrorHeader)
	}
	e := &Error{Code: codeOf(f.Code, f.QueryCode), QueryCode: f.QueryCode, Message: f.Message, Status: a.status, RequestID: f.RequestID}
	if e.RequestID == "" {
		e.RequestID = a.requestID
	}
	if err != nil || e.Code == "" && e.Message == "" {
		e.Message = excerpt(a.body)
	}
	e.Fault = FaultSender
	if f.Type == string(FaultReceiver) || a.status >= http.StatusInternalServerError {
		e.Fault = FaultReceiver
	}
	return e
}

// entryError makes the error of one entry of a batch. Its Code is the Query code in both protocols.
func entryError(f *api.BatchResultError) *Error {
	e := &Error{Code: codeOf("", f.Code), QueryCode: f.Code, Message: f.Message, Fault: FaultReceiver}
	if f.SenderFault {
		e.Fault = FaultSender
	}
	return e
}

func excerpt(body []byte) string {
	const limit = 200
	text := strings.Join(strings.Fields(string(body[:min(len(body), 4*limit)])), " ")
	if len(text) <= limit {
		return text
	}
	for text = text[:limit]; !utf8.ValidString(text); {
		text = text[:len(text)-1]
	}
	return text + "…"
}
