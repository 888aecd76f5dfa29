package sqstest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/gateway"
	"github.com/bufeomq/bufeo/sqs"
)

// Rule says which requests go wrong, and how. It needs at least one of Error, Latency, Drop, Duplicate and Reorder; those
// that make sense together can be combined, such as a Latency before an Error.
type Rule struct {
	// Action is the name of an action, such as SendMessage. "": every action.
	Action string
	// Queue is the name or the URL of a queue, of which only the name counts. "": every queue, and requests that are about
	// no queue. The queue need not exist yet.
	Queue string
	// Times is how often the rule applies. 0: until Reset, or Fault.Stop.
	Times int

	// Error refuses the request with this code, and nothing is carried out. It is a code as errors.Is takes it, or as the
	// Query protocol spells it. Each protocol gets its form, with the status that SQS has for the code; a code that bufeo
	// does not know has 400, and is the same in both protocols.
	Error sqs.ErrorCode
	// Message is the text of Error. Default: one that says where the error is from.
	Message string
	// Status is the HTTP status of Error, 400 to 599. 0: the code's own.
	Status int

	// Latency is how long the request is held before anything else happens to it. A client that gives up before gets
	// nothing done.
	Latency time.Duration
	// Drop cuts the connection instead of answering.
	Drop Drop
	// Duplicate has the messages of a receive delivered a second time, as standard queues may: they do not become
	// invisible, so that the next receive returns them again, under another receipt handle, unless they were deleted
	// before. It applies to receives that return messages.
	Duplicate bool
	// Reorder reverses an answer: the messages of a receive, which standard queues deliver in no certain order, or the
	// results of a batch, which belong to its entries by their ids only. It applies to answers with two or more of them.
	Reorder bool
}

// Drop says when a connection is cut. To the client both look the same.
type Drop int

const (
	// NoDrop leaves the connection alone. It is the zero value.
	NoDrop Drop = iota
	// DropRequest cuts it before the action is carried out: nothing happens.
	DropRequest
	// DropAnswer cuts it afterwards: what was asked for is done, and the client does not learn of it.
	DropAnswer
)

// onAnswer reports whether the rule waits for an answer that it can change, instead of for a request.
func (r *Rule) onAnswer() bool { return r.Latency == 0 && r.Error == "" && r.Drop == NoDrop }

// validate finds mistakes that would make a rule do something else than it says, or nothing.
func (r *Rule) validate() error {
	actions := gateway.Actions()
	switch {
	case r.Error == "" && r.Latency == 0 && r.Drop == NoDrop && !r.Duplicate && !r.Reorder:
		return errors.New("the rule has no fault: set Error, Latency, Drop, Duplicate or Reorder")
	case r.Times < 0:
		return fmt.Errorf("Times is %d, want 0 (always) or more", r.Times)
	case r.Latency < 0:
		return fmt.Errorf("Latency is %v, want none or more", r.Latency)
	case r.Error == "" && (r.Status != 0 || r.Message != ""):
		return errors.New("Status and Message belong to an Error, and there is none")
	case r.Status != 0 && (r.Status < 400 || r.Status > 599):
		return fmt.Errorf("Status is %d, want 400 to 599", r.Status)
	case r.Error != "" && r.Drop != NoDrop:
		return errors.New("Error and Drop exclude each other: a request is answered or it is not")
	case (r.Error != "" || r.Drop != NoDrop) && (r.Duplicate || r.Reorder):
		return errors.New("Duplicate and Reorder need an answer, so they go with neither Error nor Drop")
	case r.Drop < NoDrop || r.Drop > DropAnswer:
		return fmt.Errorf("Drop is %d, want NoDrop, DropRequest or DropAnswer", r.Drop)
	case r.Action != "" && !slices.Contains(actions, r.Action):
		return fmt.Errorf("Action is %q, want one of %s", r.Action, strings.Join(actions, ", "))
	case r.Duplicate && r.Action != "" && r.Action != api.ReceiveMessage.Name:
		return fmt.Errorf("Duplicate is about %s, and Action is %s", api.ReceiveMessage.Name, r.Action)
	case r.Reorder && r.Action != "" && r.Action != api.ReceiveMessage.Name && !strings.HasSuffix(r.Action, "Batch"):
		return fmt.Errorf("Reorder is about %s and batches, and Action is %s", api.ReceiveMessage.Name, r.Action)
	}
	return nil
}

// fault makes the error of a rule that has one.
func (r *Rule) fault() error {
	kind := api.Kind{Shape: "com.amazonaws.sqs#" + string(r.Error), QueryCode: string(r.Error), Status: 400}
	for _, k := range slices.Concat(api.Catalogue, amazons) {
		if k.Name() == string(r.Error) || k.QueryCode == string(r.Error) {
			kind = *k
			break
		}
	}
	kind.Format, kind.QueryFormat = "%s", ""
	if r.Status != 0 {
		kind.Status = r.Status
	}
	text := r.Message
	if text == "" {
		text = "This fault was injected by sqstest."
	}
	return kind.Wrap(errInjected, text)
}

// errInjected is what the log shows for an error that looks like the server's own.
var errInjected = errors.New("injected by sqstest")

// amazons are errors that programs have to live with at Amazon, and that bufeo has no reason to answer.
var amazons = []*api.Kind{
	{Shape: "com.amazonaws.sqs#RequestThrottled", QueryCode: "RequestThrottled", Status: 403}, // AWS's model
	{Shape: "com.amazon.coral.service#ThrottlingException", QueryCode: "Throttling", Status: 400},
	{Shape: "com.amazonaws.sqs#KmsThrottled", QueryCode: "KMS.ThrottlingException", Status: 400}, // AWS's model
}
