package sdkv1

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/service/sqs"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func TestCreateQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared, "VisibilityTimeout", "45", "DelaySeconds", "3")
	if want := shared.URL + "/000000000000/" + q.name; q.url != want {
		t.Errorf("QueueUrl = %s, want %s", q.url, want)
	}
	got := q.attributes("VisibilityTimeout", "DelaySeconds")
	if want := map[string]string{"VisibilityTimeout": "45", "DelaySeconds": "3"}; !maps.Equal(got, want) {
		t.Errorf("attributes = %v, want %v", got, want)
	}
	again, err := q.CreateQueue(&sqs.CreateQueueInput{QueueName: &q.name})
	if err != nil || *again.QueueUrl != q.url {
		t.Errorf("again: %v, %v", again, err)
	}
	_, err = q.CreateQueue(&sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs("VisibilityTimeout", "46")})
	refused(t, err, sqs.ErrCodeQueueNameExists, 400, "attribute VisibilityTimeout")
	_, err = q.CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String("bad*name")})
	refused(t, err, codeInvalid, 400, "")
	_, err = q.CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String(q.name + "-2"), Attributes: pairs("Foobar", "1")})
	refused(t, err, sqs.ErrCodeInvalidAttributeName, 400, "Unknown Attribute Foobar.")
	_, err = q.CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String(q.name + "-2"), Attributes: pairs("DelaySeconds", "901")})
	refused(t, err, "InvalidAttributeValue", 400, "Invalid value for the parameter DelaySeconds.")
}

func TestGetQueueURL(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	out, err := q.GetQueueUrl(&sqs.GetQueueUrlInput{QueueName: &q.name})
	if err != nil || *out.QueueUrl != q.url {
		t.Errorf("got %v, %v, want %s", out, err, q.url)
	}
	_, err = q.GetQueueUrl(&sqs.GetQueueUrlInput{QueueName: aws.String("never-made")})
	noQueue(t, err)
}

func TestListQueues(t *testing.T) {
	t.Parallel()
	c := newClient(t, shared.URL)
	prefix := harness.QueueName(t)
	var want []string
	for i := range 5 {
		out, err := c.CreateQueue(&sqs.CreateQueueInput{QueueName: aws.String(prefix + strconv.Itoa(i))})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, *out.QueueUrl)
	}
	all, err := c.ListQueues(&sqs.ListQueuesInput{QueueNamePrefix: &prefix})
	if err != nil || !slices.Equal(aws.StringValueSlice(all.QueueUrls), want) || all.NextToken != nil {
		t.Errorf("got %v, %v, want %v", all, err, want)
	}
	var got []string
	pages := 0
	err = c.ListQueuesPages(&sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int64(2)}, func(page *sqs.ListQueuesOutput, _ bool) bool {
		got = append(got, aws.StringValueSlice(page.QueueUrls)...)
		pages++
		return true
	})
	if err != nil || !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages %v, %v, want 3 pages %v", pages, got, err, want)
	}
	_, err = c.ListQueues(&sqs.ListQueuesInput{MaxResults: aws.Int64(1001)})
	refused(t, err, codeInvalid, 400, "MaxResults")
}

func TestDeleteQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	if _, err := q.DeleteQueue(&sqs.DeleteQueueInput{QueueUrl: &q.url}); err != nil {
		t.Fatal(err)
	}
	_, err := q.DeleteQueue(&sqs.DeleteQueueInput{QueueUrl: &q.url})
	noQueue(t, err)
	_, err = q.ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: &q.url})
	noQueue(t, err)
}

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	if got := q.attributes("All"); len(got) != 12 || got["QueueArn"] != "arn:aws:sqs:us-east-1:000000000000:"+q.name {
		t.Errorf("All = %v, want 12 attributes", got)
	}
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`
	if _, err := q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("DelaySeconds", "7", "Policy", policy)}); err != nil {
		t.Fatal(err)
	}
	got := q.attributes("DelaySeconds", "Policy")
	if want := map[string]string{"DelaySeconds": "7", "Policy": policy}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := q.attributes(); len(got) != 0 {
		t.Errorf("none asked, got %v", got)
	}
	_, err := q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("VisibilityTimeout", "43201")})
	refused(t, err, "InvalidAttributeValue", 400, "Invalid value for the parameter VisibilityTimeout.")
	_, err = q.SetQueueAttributes(&sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs("QueueArn", "x")})
	refused(t, err, sqs.ErrCodeInvalidAttributeName, 400, "Unknown Attribute QueueArn.")
	_, err = q.GetQueueAttributes(&sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: aws.StringSlice([]string{"Foobar"})})
	refused(t, err, sqs.ErrCodeInvalidAttributeName, 400, "Unknown Attribute Foobar.")
}

func TestPurgeQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.send("a")
	q.receiveOne()
	q.send("b")
	if _, err := q.PurgeQueue(&sqs.PurgeQueueInput{QueueUrl: &q.url}); err != nil {
		t.Fatal(err)
	}
	q.wantCounts("0", "0", "0")
	strict := newQueue(t, harness.StartStrict(t))
	if _, err := strict.PurgeQueue(&sqs.PurgeQueueInput{QueueUrl: &strict.url}); err != nil {
		t.Fatal(err)
	}
	_, err := strict.PurgeQueue(&sqs.PurgeQueueInput{QueueUrl: &strict.url})
	refused(t, err, sqs.ErrCodePurgeQueueInProgress, 403, "Only one PurgeQueue operation on "+strict.name+" is allowed every 60 seconds.")
}
