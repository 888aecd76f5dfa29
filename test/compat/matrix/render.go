package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

// actions are those of the API, in its order.
var actions = []string{
	api.CreateQueue.Name, api.GetQueueURL.Name, api.ListQueues.Name, api.DeleteQueue.Name, api.GetQueueAttributes.Name,
	api.SetQueueAttributes.Name, api.SendMessage.Name, api.SendMessageBatch.Name, api.ReceiveMessage.Name, api.DeleteMessage.Name,
	api.DeleteMessageBatch.Name, api.ChangeMessageVisibility.Name, api.ChangeMessageVisibilityBatch.Name, api.PurgeQueue.Name,
	api.TagQueue.Name, api.UntagQueue.Name, api.ListQueueTags.Name, api.AddPermission.Name, api.RemovePermission.Name,
	api.ListDeadLetterSourceQueues.Name, api.StartMessageMoveTask.Name, api.CancelMessageMoveTask.Name, api.ListMessageMoveTasks.Name,
}

// render makes the two tables of a group: the clients with their versions, and actions by client. Clients are numbered
// in the second, which would not fit a screen with their names.
func render(records []harness.Record) string {
	var b strings.Builder
	b.WriteString("| | client | version | actions |\n|---|---|---|---|\n")
	for i, r := range records {
		distinct := map[string]bool{}
		for _, c := range r.Calls {
			distinct[c.Action] = true
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %d of %d |\n", i+1, r.Client, r.Version, len(distinct), len(actions))
	}
	b.WriteString("\n| action |")
	for i := range records {
		fmt.Fprintf(&b, " %d |", i+1)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(records)) + "\n")
	for _, action := range actions {
		fmt.Fprintf(&b, "| %s |", action)
		for _, r := range records {
			fmt.Fprintf(&b, " %s |", spoken(r.Calls, action))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// spoken says in which protocols an action was called: J, Q, both or, for none, a dash.
func spoken(calls []harness.Call, action string) string {
	var protocols []string
	for _, c := range []struct{ protocol, letter string }{{"json", "J"}, {"query", "Q"}} {
		if slices.Contains(calls, harness.Call{Action: action, Protocol: c.protocol}) {
			protocols = append(protocols, c.letter)
		}
	}
	if len(protocols) == 0 {
		return "-"
	}
	return strings.Join(protocols, " ")
}
