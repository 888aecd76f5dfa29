package sdkv1

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"
)

func (q *queue) arn() string { return "arn:aws:sqs:us-east-1:000000000000:" + q.name }

// redrive is a RedrivePolicy to q.
func (q *queue) redrive(maxReceiveCount int) string {
	return `{"deadLetterTargetArn":"` + q.arn() + `","maxReceiveCount":` + strconv.Itoa(maxReceiveCount) + `}`
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	dead := newQueue(t, shared)
	q := newQueue(t, shared, "RedrivePolicy", dead.redrive(1), "VisibilityTimeout", "0")
	if got := q.attributes("RedrivePolicy")["RedrivePolicy"]; got != dead.redrive(1) {
		t.Errorf("RedrivePolicy = %s, want %s", got, dead.redrive(1))
	}
	sent := q.send("poison")
	q.receiveOne()
	q.wantBodies()
	q.wantCounts("0", "0", "0")
	got := dead.receiveOne()
	if *got.MessageId != *sent.MessageId || *got.Body != "poison" || aws.StringValue(got.Attributes["ApproximateReceiveCount"]) != "2" ||
		aws.StringValue(got.Attributes["DeadLetterQueueSourceArn"]) != q.arn() {
		t.Errorf("dead letter %v, want %v from %s", got, sent, q.arn())
	}
	dead.delete(got)

	want := []string{q.url, newQueue(t, shared, "RedrivePolicy", dead.redrive(5)).url}
	var sources []string
	err := dead.ListDeadLetterSourceQueuesPages(&sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &dead.url, MaxResults: aws.Int64(1)}, func(page *sqs.ListDeadLetterSourceQueuesOutput, _ bool) bool {
		sources = append(sources, aws.StringValueSlice(page.QueueUrls)...)
		return true
	})
	slices.Sort(want)
	if slices.Sort(sources); err != nil || !slices.Equal(sources, want) {
		t.Errorf("sources %v, %v, want %v", sources, err, want)
	}
	_, err = q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("RedrivePolicy", dead.redrive(0))})
	refused(t, err, codeInvalid, 400, "maxReceiveCount")
	_, err = q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &dead.url, Attributes: pairs("RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("RedrivePolicy", dead.redrive(3))})
	refused(t, err, codeInvalid, 400, "")
}

func TestTags(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	wantTags := func(want map[string]string) {
		t.Helper()
		out, err := q.ListQueueTags(&sqs.ListQueueTagsInput{QueueUrl: &q.url})
		if err != nil || !maps.Equal(aws.StringValueMap(out.Tags), want) {
			t.Errorf("tags %v, %v, want %v", out, err, want)
		}
	}
	wantTags(nil)
	for _, tags := range []map[string]*string{pairs("team", "Amazonía & <☃>", "empty", "", "gone", "x"), pairs("team", "changed é")} {
		if _, err := q.TagQueue(&sqs.TagQueueInput{QueueUrl: &q.url, Tags: tags}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := q.UntagQueue(&sqs.UntagQueueInput{QueueUrl: &q.url, TagKeys: aws.StringSlice([]string{"gone", "never there"})}); err != nil {
		t.Fatal(err)
	}
	wantTags(map[string]string{"team": "changed é", "empty": ""})
	_, err := q.TagQueue(&sqs.TagQueueInput{QueueUrl: &q.url, Tags: pairs(strings.Repeat("k", 129), "x")})
	refused(t, err, codeInvalid, 400, "Tag keys")

	out, err := q.CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String(q.name + "-tagged"), Tags: pairs("team", "Amazonía", "empty", "")})
	if err != nil {
		t.Fatal(err)
	}
	q.url = *out.QueueUrl
	wantTags(map[string]string{"team": "Amazonía", "empty": ""})
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	_, err := q.AddPermission(&sqs.AddPermissionInput{
		QueueUrl: &q.url, Label: aws.String("two"), AWSAccountIds: aws.StringSlice([]string{"111111111111", "222222222222"}),
		Actions: aws.StringSlice([]string{"SendMessage", "*"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Version":"2008-10-17","Id":"` + q.arn() + `/SQSDefaultPolicy","Statement":[{"Sid":"two","Effect":"Allow",` +
		`"Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},` +
		`"Action":["SQS:SendMessage","SQS:*"],"Resource":"` + q.arn() + `"}]}`
	if got := q.attributes("Policy")["Policy"]; got != want {
		t.Errorf("Policy = %s\nwant %s", got, want)
	}
	_, err = q.AddPermission(&sqs.AddPermissionInput{
		QueueUrl: &q.url, Label: aws.String("two"), AWSAccountIds: aws.StringSlice([]string{"111111111111"}), Actions: aws.StringSlice([]string{"*"}),
	})
	refused(t, err, codeInvalid, 400, "two")
	if _, err := q.RemovePermission(&sqs.RemovePermissionInput{QueueUrl: &q.url, Label: aws.String("two")}); err != nil {
		t.Fatal(err)
	}
	if got := q.attributes("All")["Policy"]; got != "" {
		t.Errorf("Policy = %s after the last permission was removed", got)
	}
	_, err = q.RemovePermission(&sqs.RemovePermissionInput{QueueUrl: &q.url, Label: aws.String("two")})
	refused(t, err, codeInvalid, 400, "two")
}
