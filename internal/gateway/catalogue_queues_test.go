package gateway_test

import (
	"fmt"

	"github.com/bufeomq/bufeo/internal/api"
)

// createFaulty provokes CreateQueue.
func createFaulty(p *play, name string, attributes []string, args ...any) refusal {
	p.Helper()
	return refuse(p, api.CreateQueue, api.CreateQueueInput{QueueName: name, Attributes: pairs(attributes)}, args...)
}

// setFaulty provokes SetQueueAttributes with one attribute.
func setFaulty(p *play, queue, name, value string, args ...any) refusal {
	p.Helper()
	return refuse(p, api.SetQueueAttributes, api.SetQueueAttributesInput{QueueURL: queue, Attributes: pairs([]string{name, value})}, args...)
}

var queueProvocations = []provocation{
	{when: "queue absent/deleted; also JSON call with missing/empty/malformed QueueUrl", try: func(p *play) refusal {
		return refuse(p, api.SendMessage, api.SendMessageInput{QueueURL: "http://localhost/000000000000/absent", MessageBody: "b"})
	}},
	{when: "queue absent/deleted; also JSON call with missing/empty/malformed QueueUrl", try: func(p *play) refusal {
		do(p, api.DeleteQueue, api.DeleteQueueInput{QueueURL: "q"})
		return refuse(p, api.GetQueueURL, api.GetQueueURLInput{QueueName: "q"})
	}},
	{when: "queue absent/deleted; also JSON call with missing/empty/malformed QueueUrl", try: func(p *play) refusal {
		return refuse(p, api.SendMessage, api.SendMessageInput{MessageBody: "b"})
	}, only: []api.Protocol{api.JSON}},
	{when: "CreateQueue on existing name, a supplied attribute differs", try: func(p *play) refusal {
		return createFaulty(p, "q", []string{api.DelaySeconds, "1"}, api.DelaySeconds)
	}},
	{when: "CreateQueue < 60 s after DeleteQueue of same name", try: func(p *play) refusal {
		do(p, api.DeleteQueue, api.DeleteQueueInput{QueueURL: "q"})
		return createFaulty(p, "q", nil)
	}},
	{when: "second PurgeQueue within 60 s", try: func(p *play) refusal {
		do(p, api.PurgeQueue, api.PurgeQueueInput{QueueURL: "q"})
		return refuse(p, api.PurgeQueue, api.PurgeQueueInput{QueueURL: "q"}, "q")
	}},
	{when: "CreateQueue bad name (standard), incl. '.fifo' without FifoQueue=true", try: func(p *play) refusal {
		return createFaulty(p, "a b", nil)
	}},
	{when: "CreateQueue bad name (standard), incl. '.fifo' without FifoQueue=true", try: func(p *play) refusal {
		return createFaulty(p, "a.fifo", nil)
	}},
	{when: "CreateQueue FifoQueue=true and bad/unsuffixed name", try: func(p *play) refusal {
		return createFaulty(p, "a", []string{api.FifoQueue, "true"})
	}},
	{when: "GetQueueUrl with no QueueName", try: func(p *play) refusal { return refuse(p, api.GetQueueURL, api.GetQueueURLInput{}) }},
}

var attributeProvocations = []provocation{
	{when: "unknown / read-only / FIFO-only attribute name in Get/Set/Create", try: func(p *play) refusal {
		return refuse(p, api.GetQueueAttributes, api.GetQueueAttributesInput{QueueURL: "q", AttributeNames: []string{"Foobar"}}, "Foobar")
	}},
	{when: "unknown / read-only / FIFO-only attribute name in Get/Set/Create", try: func(p *play) refusal {
		return setFaulty(p, "q", api.QueueArn, "x", api.QueueArn)
	}},
	{when: "unknown / read-only / FIFO-only attribute name in Get/Set/Create", try: func(p *play) refusal {
		return createFaulty(p, "new", []string{api.ContentBasedDeduplication, "true"}, api.ContentBasedDeduplication)
	}},
	{when: "DeduplicationScope or FifoThroughputLimit on a standard queue", try: func(p *play) refusal {
		return createFaulty(p, "new", []string{api.DeduplicationScope, "queue"}, api.DeduplicationScope)
	}},
	{when: "DeduplicationScope or FifoThroughputLimit on a standard queue", try: func(p *play) refusal {
		return setFaulty(p, "q", api.FifoThroughputLimit, "perQueue", api.FifoThroughputLimit)
	}},
	{when: "KmsMasterKeyId and SqsManagedSseEnabled=true in the same call", try: func(p *play) refusal {
		return createFaulty(p, "new", []string{api.KmsMasterKeyID, "testKeyId", api.SqsManagedSseEnabled, "true"})
	}},
	{when: "FifoQueue=false on a FIFO queue", try: func(p *play) refusal {
		p.create("q.fifo", api.FifoQueue, "true")
		return setFaulty(p, "q.fifo", api.FifoQueue, "false")
	}},
	{when: "attribute value out of range / not parseable / bad Policy document", try: func(p *play) refusal {
		return setFaulty(p, "q", api.VisibilityTimeout, "43201", api.VisibilityTimeout)
	}},
	{when: "attribute value out of range / not parseable / bad Policy document", try: func(p *play) refusal {
		return createFaulty(p, "new", []string{api.Policy, "{"}, api.Policy)
	}},
}

const arnPrefix = "arn:aws:sqs:us-east-1:000000000000:"

// redriveTo is a RedrivePolicy.
func redriveTo(name string, count int) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":"%s%s","maxReceiveCount":%d}`, arnPrefix, name, count)
}

// redriveFaulty provokes SetQueueAttributes of q with a RedrivePolicy.
func redriveFaulty(p *play, policy string, args ...any) refusal {
	p.Helper()
	return setFaulty(p, "q", api.RedrivePolicy, policy, append([]any{policy}, args...)...)
}

var redriveProvocations = []provocation{
	{when: "RedrivePolicy missing key (checked maxReceiveCount first)", try: func(p *play) refusal {
		return redriveFaulty(p, "{}", "maxReceiveCount")
	}},
	{when: "RedrivePolicy missing key (checked maxReceiveCount first)", try: func(p *play) refusal {
		return redriveFaulty(p, `{"maxReceiveCount":"5"}`, "deadLetterTargetArn")
	}},
	{when: "RedrivePolicy maxReceiveCount not 1..1000", try: func(p *play) refusal {
		return redriveFaulty(p, redriveTo("q", 1001), 1001)
	}},
	{when: "RedrivePolicy target absent", try: func(p *play) refusal { return redriveFaulty(p, redriveTo("absent", 1)) }},
	{when: "RedrivePolicy target of other type", try: func(p *play) refusal {
		p.create("q.fifo", api.FifoQueue, "true")
		return redriveFaulty(p, redriveTo("q.fifo", 1))
	}},
	{when: "RedrivePolicy target's RedriveAllowPolicy forbids the source", try: func(p *play) refusal {
		p.create("dead", api.RedriveAllowPolicy, `{"redrivePermission":"denyAll"}`)
		return redriveFaulty(p, redriveTo("dead", 1))
	}},
	{when: "RedriveAllowPolicy inconsistent (byQueue without ARNs, allowAll with ARNs)", try: func(p *play) refusal {
		return setFaulty(p, "q", api.RedriveAllowPolicy, `{"redrivePermission":"byQueue"}`)
	}},
	{when: "RedriveAllowPolicy inconsistent (byQueue without ARNs, allowAll with ARNs)", try: func(p *play) refusal {
		return setFaulty(p, "q", api.RedriveAllowPolicy, `{"redrivePermission":"allowAll","sourceQueueArns":["`+arnPrefix+`q"]}`)
	}},
}
