package gateway_test

import (
	"encoding/base64"

	"github.com/bufeomq/bufeo/internal/api"
)

// permit is an AddPermission to q.
func permit(accounts []string, actions ...string) api.AddPermissionInput {
	return api.AddPermissionInput{QueueURL: "q", Label: "l", AWSAccountIDs: accounts, Actions: actions}
}

var oneAccount = []string{"111111111111"}

var permissionProvocations = []provocation{
	{when: "AddPermission duplicate label", try: func(p *play) refusal {
		do(p, api.AddPermission, permit(oneAccount, "*"))
		return refuse(p, api.AddPermission, permit(oneAccount, "SendMessage"), "l")
	}},
	{when: "RemovePermission unknown label, queue has no policy", try: func(p *play) refusal {
		return refuse(p, api.RemovePermission, api.RemovePermissionInput{QueueURL: "q", Label: "l"}, "l")
	}},
	{when: "RemovePermission unknown label, queue has a policy", try: func(p *play) refusal {
		do(p, api.AddPermission, permit(oneAccount, "*"))
		return refuse(p, api.RemovePermission, api.RemovePermissionInput{QueueURL: "q", Label: "m"}, "m")
	}},
	{when: "AddPermission unknown action", try: func(p *play) refusal {
		return refuse(p, api.AddPermission, permit(oneAccount, "SendMessageBatch"), "SendMessageBatch")
	}},
	{when: "AddPermission owner-only action", try: func(p *play) refusal {
		return refuse(p, api.AddPermission, permit(oneAccount, "DeleteQueue"), "DeleteQueue")
	}},
	{when: "AddPermission bad account id", try: func(p *play) refusal { return refuse(p, api.AddPermission, permit([]string{"*"}, "*"), "*") }},
	{when: "AddPermission with more than 7 actions", try: func(p *play) refusal {
		return refuse(p, api.AddPermission, permit(oneAccount, "a", "b", "c", "d", "e", "f", "g", "h"), 8)
	}},
	{when: whenMissing, try: func(p *play) refusal { return refuse(p, api.AddPermission, permit(oneAccount), "Actions") }},
}

// startFaulty provokes StartMessageMoveTask from dead, the dead-letter queue of q.
func startFaulty(p *play, in api.StartMessageMoveTaskInput) refusal {
	p.Helper()
	p.create("dead")
	p.create("source", api.RedrivePolicy, redriveTo("dead", 1))
	return refuse(p, api.StartMessageMoveTask, in)
}

// cancelFaulty provokes CancelMessageMoveTask of a handle with this text in it.
func cancelFaulty(p *play, text string) refusal {
	p.Helper()
	return refuse(p, api.CancelMessageMoveTask, api.CancelMessageMoveTaskInput{TaskHandle: base64.StdEncoding.EncodeToString([]byte(text))})
}

var moveProvocations = []provocation{
	{when: "move-task SourceArn queue absent", try: func(p *play) refusal {
		return startFaulty(p, api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "absent"})
	}},
	{when: "move-task SourceArn queue absent", try: func(p *play) refusal {
		return cancelFaulty(p, `{"taskId":"x","sourceArn":"invalid"}`)
	}},
	{when: "move-task SourceArn queue absent", try: func(p *play) refusal {
		return refuse(p, api.ListMessageMoveTasks, api.ListMessageMoveTasksInput{SourceARN: arnPrefix + "absent"})
	}},
	{when: "move-task DestinationArn queue absent", try: func(p *play) refusal {
		return startFaulty(p, api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "dead", DestinationARN: new(arnPrefix + "absent")})
	}},
	{when: "CancelMessageMoveTask: handle decodes but task unknown", try: func(p *play) refusal {
		return cancelFaulty(p, `{"taskId":"x","sourceArn":"`+arnPrefix+`q"}`)
	}},
	{when: "move task: source not a DLQ", try: func(p *play) refusal {
		return startFaulty(p, api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "q"})
	}},
	{when: "move task: one already active", try: func(p *play) refusal {
		p.create("dead")
		p.create("source", api.RedrivePolicy, redriveTo("dead", 1))
		for range 2 { // the clock stands still: at this rate the second stays
			do(p, api.SendMessage, api.SendMessageInput{QueueURL: "dead", MessageBody: "b"})
		}
		in := api.StartMessageMoveTaskInput{SourceARN: arnPrefix + "dead", DestinationARN: new(arnPrefix + "q"), MaxNumberOfMessagesPerSecond: new(1)}
		do(p, api.StartMessageMoveTask, in)
		return refuse(p, api.StartMessageMoveTask, in)
	}},
	{when: "move task: task handle undecodable", try: func(p *play) refusal { return cancelFaulty(p, "x") }},
}
