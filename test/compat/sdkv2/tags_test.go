package sdkv2

import (
	"encoding/json"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func (q *queue) wantTags(want map[string]string) {
	q.t.Helper()
	out, err := q.ListQueueTags(q.t.Context(), &sqs.ListQueueTagsInput{QueueUrl: &q.url})
	if err != nil {
		q.t.Fatal(err)
	}
	if !maps.Equal(out.Tags, want) {
		q.t.Errorf("tags = %q, want %q", out.Tags, want)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.wantTags(nil)
	tag := func(tags map[string]string) error {
		_, err := q.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: &q.url, Tags: tags})
		return err
	}
	if err := tag(map[string]string{"team": "Amazonía & <☃>", "empty": "", "Team": "another"}); err != nil {
		t.Fatal(err)
	}
	if err := tag(map[string]string{"team": "changed"}); err != nil {
		t.Fatal(err)
	}
	q.wantTags(map[string]string{"team": "changed", "empty": "", "Team": "another"})
	if _, err := q.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: &q.url, TagKeys: []string{"Team", "never there"}}); err != nil {
		t.Fatal(err)
	}
	q.wantTags(map[string]string{"team": "changed", "empty": ""})

	many := map[string]string{}
	for i := range 49 {
		many[strconv.Itoa(i)] = "x"
	}
	refusal{nil, codeInvalid, 400, "Too many tags added for queue " + q.name}.check(t, tag(many))
	refusal{nil, codeInvalid, 400, "Tag keys"}.check(t, tag(map[string]string{strings.Repeat("k", 129): "x"}))
	refusal{nil, codeInvalid, 400, "Tag values"}.check(t, tag(map[string]string{"k": strings.Repeat("v", 257)}))
	q.wantTags(map[string]string{"team": "changed", "empty": ""})
	_, err := q.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: q.unknown()})
	noQueue.check(t, err)
}

func TestTagsOfANewQueue(t *testing.T) {
	t.Parallel()
	s := harness.Start(t)
	q := &queue{Client: newClient(s.URL), t: t, name: harness.QueueName(t)}
	tags := map[string]string{"team": "Amazonía", "empty": ""}
	out, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	q.url = *out.QueueUrl
	q.wantTags(tags)
	s.Restart(t)
	q.wantTags(tags)
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	add := func(label string, accounts, actions []string) error {
		_, err := q.AddPermission(t.Context(), &sqs.AddPermissionInput{QueueUrl: &q.url, Label: &label, AWSAccountIds: accounts, Actions: actions})
		return err
	}
	if err := add("one", []string{"111111111111"}, []string{"ReceiveMessage"}); err != nil {
		t.Fatal(err)
	}
	if err := add("many", []string{"111111111111", "222222222222"}, []string{"SendMessage", "DeleteMessage"}); err != nil {
		t.Fatal(err)
	}
	refusal{nil, codeInvalid, 400, "one"}.check(t, add("one", []string{"111111111111"}, []string{"*"}))
	refusal{nil, codeInvalid, 400, "CreateQueue"}.check(t, add("two", []string{"111111111111"}, []string{"CreateQueue"}))
	refusal{nil, codeInvalid, 400, "abc"}.check(t, add("two", []string{"abc"}, []string{"*"}))

	type statement struct {
		Sid, Effect, Resource string
		Principal             struct{ AWS any }
		Action                any
	}
	var got struct {
		Version, ID string
		Statement   []statement
	}
	if err := json.Unmarshal([]byte(q.attributes("Policy")["Policy"]), &got); err != nil {
		t.Fatal(err)
	}
	root := func(account string) any { return "arn:aws:iam::" + account + ":root" }
	one := statement{Sid: "one", Effect: "Allow", Resource: q.arn(), Action: "SQS:ReceiveMessage"}
	one.Principal.AWS = root("111111111111")
	both := statement{Sid: "many", Effect: "Allow", Resource: q.arn(), Action: []any{"SQS:SendMessage", "SQS:DeleteMessage"}}
	both.Principal.AWS = []any{root("111111111111"), root("222222222222")}
	if want := []statement{one, both}; got.Version != "2008-10-17" || !reflect.DeepEqual(got.Statement, want) {
		t.Errorf("policy = %+v, want %+v", got, want)
	}
	for _, label := range []string{"one", "many"} {
		if _, err := q.RemovePermission(t.Context(), &sqs.RemovePermissionInput{QueueUrl: &q.url, Label: &label}); err != nil {
			t.Fatal(err)
		}
	}
	if got := q.attributes("All")["Policy"]; got != "" {
		t.Errorf("Policy = %s after the last permission was removed", got)
	}
	_, err := q.RemovePermission(t.Context(), &sqs.RemovePermissionInput{QueueUrl: &q.url, Label: aws.String("one")})
	refusal{nil, codeInvalid, 400, "one"}.check(t, err)
	refusal{is[*types.OverLimit], "OverLimit", 403, ""}.check(t, add("eight", []string{"111111111111"}, []string{
		"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl", "PurgeQueue", "ListDeadLetterSourceQueues",
	}))
}

// Standard queues take groups too, for fair queues, and show them.
func TestGroupOnAStandardQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	if out := q.sendTo("tenant", "", "x"); out.SequenceNumber != nil {
		t.Errorf("SequenceNumber = %s on a standard queue", *out.SequenceNumber)
	}
	if got := q.receiveOne().Attributes["MessageGroupId"]; got != "tenant" {
		t.Errorf("MessageGroupId = %q, want tenant", got)
	}
}
