package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

const arnPrefix = "arn:aws:sqs:us-east-1:" + account + ":"

// redriveTo is a RedrivePolicy as clients write it.
func redriveTo(name string, count any) api.Attribute {
	return set(api.RedrivePolicy, fmt.Sprintf(`{ "maxReceiveCount": %#v, "deadLetterTargetArn": "%s%s" }`, count, arnPrefix, name))
}

func (f *fixture) update(url string, as ...api.Attribute) error {
	_, err := f.SetQueueAttributes(f.Context(), f.call, &api.SetQueueAttributesInput{QueueURL: url, Attributes: as})
	return err
}

func TestRedrivePolicyLimits(t *testing.T) {
	f := newFixture(t, nil)
	f.create("dead")
	f.create("dead.fifo", set(api.FifoQueue, "true"))
	f.create("deny", set(api.RedriveAllowPolicy, `{"redrivePermission":"denyAll"}`))
	policy := func(arn string) string { return `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":1}` }
	for _, c := range []struct {
		name, value string
		want        *api.Kind
		reason      string
	}{
		{"count_1", policy(arnPrefix + "dead"), nil, ""},
		{"count_1000", redriveTo("dead", 1000).Value, nil, ""},
		{"count_text", redriveTo("dead", "5").Value, nil, ""},
		{"self", policy(arnPrefix + "q"), nil, ""}, // recorded
		{"unset", "", nil, ""},
		{"unset_again", "", nil, ""},
		{"no_JSON", "x", api.RedrivePolicyNotJSON, "Redrive policy is not a valid JSON map."},
		{"list", "[]", api.RedrivePolicyNotJSON, ""},
		{"two", "{}{}", api.RedrivePolicyNotJSON, ""},
		{"too_long", `{"x":"` + repeat(8193) + `"}`, api.RedrivePolicyNotJSON, ""},
		{"empty", "{}", api.RedrivePolicyIncomplete, "Redrive policy does not contain mandatory attribute: maxReceiveCount."},
		{"no_target", `{"maxReceiveCount":3}`, api.RedrivePolicyIncomplete, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."},
		{"count_0", redriveTo("dead", 0).Value, api.InvalidMaxReceiveCount,
			"Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."},
		{"count_1001", redriveTo("dead", 1001).Value, api.InvalidMaxReceiveCount, ""},
		{"count_fraction", redriveTo("dead", 1.5).Value, api.InvalidMaxReceiveCount, ""},
		{"count_word", redriveTo("dead", "many").Value, api.InvalidMaxReceiveCount, ""},
		{"count_object", `{"deadLetterTargetArn":"x","maxReceiveCount":{}}`, api.InvalidMaxReceiveCount, ""},
		{"no_ARN", policy("dummy"), api.InvalidDeadLetterARN, "Invalid value for deadLetterTargetArn."},
		{"ARN_of_SNS", policy("arn:aws:sns:us-east-1:" + account + ":dead"), api.InvalidDeadLetterARN, ""},
		{"ARN_of_wrong_partition", policy("arn:aws-cn:sqs:us-east-1:" + account + ":dead"), api.InvalidDeadLetterARN, ""},
		{"ARN_is_a_number", `{"deadLetterTargetArn":1,"maxReceiveCount":1}`, api.InvalidDeadLetterARN, ""},
		{"other_account", policy("arn:aws:sqs:us-east-1:123456789012:dead"), api.DeadLetterOfOtherAccount, "Dead letter target owner should be same as the source."},
		{"other_region", policy("arn:aws:sqs:eu-west-1:" + account + ":dead"), api.DeadLetterOfOtherRegion, "Dead-letter target must be in same region as the source."},
		{"absent", policy(arnPrefix + "absent"), api.DeadLetterDoesNotExist, "Dead letter target does not exist."},
		{"other_type", policy(arnPrefix + "dead.fifo"), api.DeadLetterOfOtherType, "Dead-letter queue must be same type of queue as the source."},
		{"denied", policy(arnPrefix + "deny"), api.RedriveDenied, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := ""
			if c.reason != "" {
				text = "Value " + c.value + " for parameter RedrivePolicy is invalid. Reason: " + c.reason
			}
			want(t, f.update(f.queue, set(api.RedrivePolicy, c.value)), c.want, text)
			_, err := f.CreateQueue(t.Context(), f.call,
				&api.CreateQueueInput{QueueName: "new-" + c.name, Attributes: api.Attributes{set(api.RedrivePolicy, c.value)}})
			want(t, err, c.want, text)
		})
	}
	err := f.update("dead.fifo", redriveTo("dead", 1))
	want(t, err, api.DeadLetterOfOtherType, "")
}

func TestRedrivePolicyIsCanonical(t *testing.T) {
	f := newFixture(t, nil)
	f.create("dead")
	f.create("dead2")
	for _, count := range []any{1, "1"} {
		want(t, f.update(f.queue, redriveTo("dead", count)), nil, "")
		if got, want := f.attributes(api.RedrivePolicy), `RedrivePolicy={"deadLetterTargetArn":"`+arnPrefix+`dead","maxReceiveCount":1}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f.create("q", redriveTo("dead", "1")) // the same, in other words
	_, err := f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: "q", Attributes: api.Attributes{redriveTo("dead2", 1)}})
	want(t, err, api.QueueNameExists, "A queue already exists with the same name and a different value for attribute RedrivePolicy")
	want(t, f.update(f.queue, set(api.RedrivePolicy, "")), nil, "")
	if got := f.attributes(api.RedrivePolicy); got != "" {
		t.Errorf("got %s, want it unset", got)
	}
}

func TestRedriveAllowPolicyLimits(t *testing.T) {
	f := newFixture(t, nil)
	sources := func(n int) string {
		arns := make([]string, n)
		for i := range arns {
			arns[i] = fmt.Sprintf(`"%ss%d"`, arnPrefix, i)
		}
		return "[" + strings.Join(arns, ",") + "]"
	}
	for _, c := range []struct {
		name, value string
		want        *api.Kind
		stored      string
	}{
		{"all", `{ "redrivePermission": "allowAll" }`, nil, `{"redrivePermission":"allowAll"}`},
		{"none", `{"redrivePermission":"denyAll","sourceQueueArns":[]}`, nil, `{"redrivePermission":"denyAll"}`},
		{"by_queue_10", `{"sourceQueueArns":` + sources(10) + `,"redrivePermission":"byQueue"}`, nil,
			`{"redrivePermission":"byQueue","sourceQueueArns":` + sources(10) + `}`},
		{"by_queue_11", `{"redrivePermission":"byQueue","sourceQueueArns":` + sources(11) + `}`, api.InvalidRedriveAllowPolicy, ""},
		{"by_queue_0", `{"redrivePermission":"byQueue","sourceQueueArns":[]}`, api.InvalidRedriveAllowPolicy, ""},
		{"by_queue_absent", `{"redrivePermission":"byQueue"}`, api.InvalidRedriveAllowPolicy, ""},
		{"all_with_sources", `{"redrivePermission":"allowAll","sourceQueueArns":` + sources(1) + `}`, api.InvalidRedriveAllowPolicy, ""},
		{"no_ARN", `{"redrivePermission":"byQueue","sourceQueueArns":["x"]}`, api.InvalidRedriveAllowPolicy, ""},
		{"unknown", `{"redrivePermission":"some"}`, api.InvalidRedriveAllowPolicy, ""},
		{"empty", `{}`, api.InvalidRedriveAllowPolicy, ""},
		{"type", `{"redrivePermission":1}`, api.InvalidRedriveAllowPolicy, ""},
		{"list", `[]`, api.InvalidRedriveAllowPolicy, ""},
		{"case", `{"RedrivePermission":"allowAll"}`, api.InvalidRedriveAllowPolicy, ""},
		{"sources_are_text", `{"redrivePermission":"byQueue","sourceQueueArns":"` + arnPrefix + `s"}`, api.InvalidRedriveAllowPolicy, ""},
		{"source_is_a_number", `{"redrivePermission":"byQueue","sourceQueueArns":[1]}`, api.InvalidRedriveAllowPolicy, ""},
		{"unset", ``, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, f.update(f.queue, set(api.RedriveAllowPolicy, c.value)), c.want, "")
			if c.want != nil {
				return
			}
			if got := strings.TrimPrefix(f.attributes(api.RedriveAllowPolicy), "RedriveAllowPolicy="); got != c.stored {
				t.Errorf("got %s, want %s", got, c.stored)
			}
		})
	}
}

func TestRedriveAllowPolicyIsEnforcedWhenASourceIsSet(t *testing.T) {
	f := newFixture(t, nil)
	dead := f.create("dead")
	want(t, f.update(f.queue, redriveTo("dead", 1)), nil, "")
	allow := func(policy string) {
		t.Helper()
		want(t, f.update(dead, set(api.RedriveAllowPolicy, policy)), nil, "")
	}
	allow(`{"redrivePermission":"denyAll"}`)
	if got := f.attributes(api.RedrivePolicy); got == "" {
		t.Error("an existing source lost its policy")
	}
	want(t, f.update(f.queue, redriveTo("dead", 2)), api.RedriveDenied, "")
	allow(`{"redrivePermission":"byQueue","sourceQueueArns":["` + arnPrefix + `other"]}`)
	want(t, f.update(f.queue, redriveTo("dead", 2)), api.RedriveDenied, "")
	f.create("other", redriveTo("dead", 2))
	allow("")
	want(t, f.update(f.queue, redriveTo("dead", 2)), nil, "")
}

func TestListDeadLetterSourceQueues(t *testing.T) {
	f := newFixture(t, nil)
	dead := f.create("dead")
	list := func(in api.ListDeadLetterSourceQueuesInput) *api.ListDeadLetterSourceQueuesOutput {
		t.Helper()
		in.QueueURL = dead
		out, err := f.ListDeadLetterSourceQueues(t.Context(), f.call, &in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := list(api.ListDeadLetterSourceQueuesInput{}); len(out.QueueURLs) != 0 || out.NextToken != nil {
		t.Errorf("got %v, want none", out)
	}
	for _, name := range []string{"c", "a", "b"} {
		f.create(name, redriveTo("dead", 1))
	}
	f.create("unrelated", redriveTo("a", 1))
	names := func(out *api.ListDeadLetterSourceQueuesOutput) (names string) {
		for _, url := range out.QueueURLs {
			names += url[strings.LastIndexByte(url, '/')+1:]
		}
		return names
	}
	if out := list(api.ListDeadLetterSourceQueuesInput{}); names(out) != "abc" || out.NextToken != nil {
		t.Errorf("got %v, want a, b and c, and no token", out)
	}
	first := list(api.ListDeadLetterSourceQueuesInput{MaxResults: new(2)})
	if names(first) != "ab" || first.NextToken == nil {
		t.Fatalf("got %v, want a, b and a token", first)
	}
	if rest := list(api.ListDeadLetterSourceQueuesInput{MaxResults: new(1), NextToken: first.NextToken}); names(rest) != "c" || rest.NextToken != nil {
		t.Errorf("got %v, want c and no token", rest)
	}
	for _, c := range []struct {
		name string
		in   api.ListDeadLetterSourceQueuesInput
		want *api.Kind
	}{
		{"unknown_queue_first", api.ListDeadLetterSourceQueuesInput{QueueURL: "absent", MaxResults: new(0)}, api.QueueDoesNotExist},
		{"max_0", api.ListDeadLetterSourceQueuesInput{QueueURL: dead, MaxResults: new(0)}, api.InvalidMaxResults},
		{"max_1000", api.ListDeadLetterSourceQueuesInput{QueueURL: dead, MaxResults: new(1000)}, nil},
		{"max_1001", api.ListDeadLetterSourceQueuesInput{QueueURL: dead, MaxResults: new(1001)}, api.InvalidMaxResults},
		{"token_of_another_queue", api.ListDeadLetterSourceQueuesInput{QueueURL: "a", NextToken: first.NextToken}, api.InvalidNextToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.ListDeadLetterSourceQueues(t.Context(), f.call, &c.in)
			want(t, err, c.want, "")
		})
	}
}

// arnOf is the ARN of the queue with this URL.
func arnOf(url string) string { return arnPrefix + url[strings.LastIndexByte(url, '/')+1:] }
