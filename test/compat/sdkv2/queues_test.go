package sdkv2

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func TestCreateQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared, "VisibilityTimeout", "45")

	t.Run("url_has_the_host_of_the_client_and_the_path_account_name", func(t *testing.T) {
		if want := shared.URL + "/000000000000/" + q.name; q.url != want {
			t.Errorf("QueueUrl = %s, want %s", q.url, want)
		}
	})
	t.Run("same_attributes_again_is_the_same_queue", func(t *testing.T) {
		for _, attributes := range [][]string{nil, {"VisibilityTimeout", "45"}, {"DelaySeconds", "0"}} {
			out, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs(attributes)})
			if err != nil {
				t.Fatalf("with %v: %v", attributes, err)
			}
			if *out.QueueUrl != q.url {
				t.Errorf("with %v: QueueUrl = %s, want %s", attributes, *out.QueueUrl, q.url)
			}
		}
	})
	t.Run("other_attributes_are_refused", func(t *testing.T) {
		_, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs([]string{"VisibilityTimeout", "46"})})
		refusal{is[*types.QueueNameExists], "QueueAlreadyExists", 400, "attribute VisibilityTimeout"}.check(t, err)
	})
	t.Run("attributes_as_set_later_count", func(t *testing.T) {
		q := newQueue(t, shared, "DelaySeconds", "1")
		set(t, q, "DelaySeconds", "2")
		_, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name, Attributes: pairs([]string{"DelaySeconds", "1"})})
		refusal{is[*types.QueueNameExists], "QueueAlreadyExists", 400, "attribute DelaySeconds"}.check(t, err)
	})
	for label, name := range map[string]string{
		"star": "bad*name", "slash": "a/b", "space": "a b", "81_characters": strings.Repeat("a", 81), "accent": "café", "dot": "a.b",
		"fifo_without_FifoQueue": "a.fifo",
	} {
		t.Run("name_refused/"+label, func(t *testing.T) {
			_, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
			refusal{nil, codeInvalid, 400, ""}.check(t, err)
		})
	}
	t.Run("name_of_80_characters", func(t *testing.T) {
		name := harness.QueueName(t)
		name += strings.Repeat("_", 80-len(name))
		if _, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestGetQueueURL(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	out, err := q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &q.name})
	if err != nil {
		t.Fatal(err)
	}
	if *out.QueueUrl != q.url {
		t.Errorf("QueueUrl = %s, want %s", *out.QueueUrl, q.url)
	}
	out, err = q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &q.name, QueueOwnerAWSAccountId: aws.String("000000000000")})
	if err != nil || *out.QueueUrl != q.url {
		t.Errorf("with the owner's account: %v, %v", out, err)
	}
	_, err = q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("never-made")})
	noQueue.check(t, err)
	_, err = q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(strings.ToUpper(q.name))})
	noQueue.check(t, err)
}

func TestQueueURLForms(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	at, err := url.Parse(q.url)
	if err != nil {
		t.Fatal(err)
	}
	for label, form := range map[string]string{
		"as_answered": q.url, "other_host": "https://sqs.us-east-1.amazonaws.com" + at.Path, "name_only": q.name,
	} {
		t.Run(label, func(t *testing.T) {
			if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &form, MessageBody: aws.String("x")}); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, form := range []string{"http://whatever", q.url + "x"} {
		_, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &form, MessageBody: aws.String("x")})
		noQueue.check(t, err)
	}
}

func TestListQueues(t *testing.T) {
	t.Parallel()
	c := newClient(shared.URL)
	prefix := harness.QueueName(t)
	var want []string
	for i := range 7 {
		out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(prefix + "-" + strconv.Itoa(i))})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, *out.QueueUrl)
	}
	list := func(t *testing.T, in *sqs.ListQueuesInput) *sqs.ListQueuesOutput {
		t.Helper()
		in.QueueNamePrefix = &prefix
		out, err := c.ListQueues(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	t.Run("all_at_once_without_a_token", func(t *testing.T) {
		out := list(t, &sqs.ListQueuesInput{})
		if !slices.Equal(out.QueueUrls, want) || out.NextToken != nil {
			t.Errorf("got %v token %v, want %v", out.QueueUrls, out.NextToken, want)
		}
	})
	t.Run("pages", func(t *testing.T) {
		var got []string
		pages := sqs.NewListQueuesPaginator(c, &sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(3)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.QueueUrls...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("next_page_of_another_size", func(t *testing.T) {
		first := list(t, &sqs.ListQueuesInput{MaxResults: aws.Int32(2)})
		if len(first.QueueUrls) != 2 || first.NextToken == nil {
			t.Fatalf("got %v, token %v", first.QueueUrls, first.NextToken)
		}
		rest := list(t, &sqs.ListQueuesInput{MaxResults: aws.Int32(10), NextToken: first.NextToken})
		if !slices.Equal(rest.QueueUrls, want[2:]) || rest.NextToken != nil {
			t.Errorf("got %v token %v, want %v", rest.QueueUrls, rest.NextToken, want[2:])
		}
	})
	t.Run("exactly_one_page_has_no_token", func(t *testing.T) {
		if out := list(t, &sqs.ListQueuesInput{MaxResults: aws.Int32(7)}); len(out.QueueUrls) != 7 || out.NextToken != nil {
			t.Errorf("got %v token %v", out.QueueUrls, out.NextToken)
		}
	})
	t.Run("nothing_with_that_prefix", func(t *testing.T) {
		out, err := c.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String(prefix + "-x")})
		if err != nil || len(out.QueueUrls) != 0 {
			t.Errorf("got %v, %v", out, err)
		}
	})
	for _, in := range []*sqs.ListQueuesInput{
		{MaxResults: aws.Int32(0)}, {MaxResults: aws.Int32(1001)}, {MaxResults: aws.Int32(-1)},
		{MaxResults: aws.Int32(1), NextToken: aws.String("not a token")},
	} {
		_, err := c.ListQueues(t.Context(), in)
		refusal{nil, codeInvalid, 400, ""}.check(t, err)
	}
}

func TestDeleteQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.send("lost with its queue")
	if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &q.url}); err != nil {
		t.Fatal(err)
	}
	_, err := q.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &q.name})
	noQueue.check(t, err)
	_, err = q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("x")})
	noQueue.check(t, err)
	_, err = q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &q.url})
	noQueue.check(t, err)

	if _, err := q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name}); err != nil {
		t.Fatalf("--relaxed-cooldowns frees the name at once: %v", err)
	}
	q.wantCounts("0", "0", "0")
}

// The rules of 60 seconds are in force unless the operator switches them off.
func TestCooldowns(t *testing.T) {
	t.Parallel()
	s := harness.StartStrict(t)
	q := newQueue(t, s)
	if _, err := q.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &q.url}); err != nil {
		t.Fatal(err)
	}
	_, err := q.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &q.url})
	refusal{is[*types.PurgeQueueInProgress], "AWS.SimpleQueueService.PurgeQueueInProgress", 403,
		"Only one PurgeQueue operation on " + q.name + " is allowed every 60 seconds."}.check(t, err)

	if _, err := q.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &q.url}); err != nil {
		t.Fatal(err)
	}
	_, err = q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name})
	recently := refusal{is[*types.QueueDeletedRecently], "AWS.SimpleQueueService.QueueDeletedRecently", 400, "You must wait 60 seconds"}
	recently.check(t, err)

	s.Restart(t)
	_, err = q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name})
	recently.check(t, err)
}

func set(t *testing.T, q *queue, attributes ...string) {
	t.Helper()
	in := &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: pairs(attributes)}
	if _, err := q.SetQueueAttributes(t.Context(), in); err != nil {
		t.Fatalf("set %v: %v", attributes, err)
	}
}

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	t.Run("all_of_a_fresh_queue", func(t *testing.T) {
		q := newQueue(t, shared)
		got := q.attributes("All")
		want := map[string]string{
			"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
			"CreatedTimestamp": got["CreatedTimestamp"], "LastModifiedTimestamp": got["LastModifiedTimestamp"],
			"DelaySeconds": "0", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
			"QueueArn": "arn:aws:sqs:us-east-1:000000000000:" + q.name, "ReceiveMessageWaitTimeSeconds": "0",
			"SqsManagedSseEnabled": "true", "VisibilityTimeout": "30",
		}
		if !maps.Equal(got, want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		if len(got["CreatedTimestamp"]) != 10 {
			t.Errorf("CreatedTimestamp = %q, want epoch seconds", got["CreatedTimestamp"])
		}
	})
	t.Run("none_asked_none_answered", func(t *testing.T) {
		if got := newQueue(t, shared).attributes(); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("only_those_asked", func(t *testing.T) {
		got := newQueue(t, shared).attributes("DelaySeconds", "Policy", "VisibilityTimeout")
		if want := map[string]string{"DelaySeconds": "0", "VisibilityTimeout": "30"}; !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("set_and_read_back", func(t *testing.T) {
		q := newQueue(t, shared)
		want := map[string]string{
			"DelaySeconds": "900", "MaximumMessageSize": "1024", "MessageRetentionPeriod": "60",
			"ReceiveMessageWaitTimeSeconds": "20", "VisibilityTimeout": "43200",
		}
		if _, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: want}); err != nil {
			t.Fatal(err)
		}
		all := q.attributes("All")
		for name, value := range want {
			if all[name] != value {
				t.Errorf("%s = %s, want %s", name, all[name], value)
			}
		}
	})
	t.Run("encryption_is_kept", func(t *testing.T) {
		q := newQueue(t, shared, "KmsMasterKeyId", "alias/mine", "KmsDataKeyReusePeriodSeconds", "60")
		got := q.attributes("KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled")
		want := map[string]string{"KmsMasterKeyId": "alias/mine", "KmsDataKeyReusePeriodSeconds": "60", "SqsManagedSseEnabled": "false"}
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("policy_is_kept_and_removed", func(t *testing.T) {
		const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`
		q := newQueue(t, shared, "Policy", policy)
		if got := q.attributes("Policy")["Policy"]; got != policy {
			t.Errorf("Policy = %s, want %s", got, policy)
		}
		set(t, q, "Policy", "")
		if got := q.attributes("All"); got["Policy"] != "" {
			t.Errorf("Policy = %s after it was removed", got["Policy"])
		}
	})
	t.Run("all_or_nothing", func(t *testing.T) {
		q := newQueue(t, shared)
		_, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: &q.url, Attributes: map[string]string{"DelaySeconds": "5", "VisibilityTimeout": "43201"},
		})
		refusal{is[*types.InvalidAttributeValue], "InvalidAttributeValue", 400, "Invalid value for the parameter VisibilityTimeout."}.check(t, err)
		if got := q.attributes("DelaySeconds")["DelaySeconds"]; got != "0" {
			t.Errorf("DelaySeconds = %s after a refused change, want 0", got)
		}
	})
}

func TestQueueAttributesRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	for name, values := range map[string][]string{
		"DelaySeconds":                  {"-1", "901", "abc", "1.5", "99999999999999999999"},
		"MaximumMessageSize":            {"1023", "1048577"},
		"MessageRetentionPeriod":        {"59", "1209601"},
		"ReceiveMessageWaitTimeSeconds": {"-1", "21"},
		"VisibilityTimeout":             {"-1", "43201"},
		"Policy":                        {"not json"},
	} {
		for _, value := range values {
			t.Run("value/"+name+"="+value, func(t *testing.T) {
				want := refusal{is[*types.InvalidAttributeValue], "InvalidAttributeValue", 400, "Invalid value for the parameter " + name + "."}
				_, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: map[string]string{name: value}})
				want.check(t, err)
				_, err = q.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(q.name + "-2"), Attributes: map[string]string{name: value}})
				want.check(t, err)
			})
		}
	}
	for _, name := range []string{"Foobar", "QueueArn", "CreatedTimestamp", "ApproximateNumberOfMessages", "All", "visibilitytimeout"} {
		t.Run("name/"+name, func(t *testing.T) {
			_, err := q.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: map[string]string{name: "1"}})
			refusal{is[*types.InvalidAttributeName], "InvalidAttributeName", 400, "Unknown Attribute " + name + "."}.check(t, err)
		})
	}
	_, err := q.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{"Foobar"}})
	refusal{is[*types.InvalidAttributeName], "InvalidAttributeName", 400, "Unknown Attribute Foobar."}.check(t, err)
}

func TestPurgeQueue(t *testing.T) {
	t.Parallel()
	q := newQueue(t, shared)
	q.send("visible")
	q.send("in flight")
	handle := q.receive(func(in *sqs.ReceiveMessageInput) { in.MaxNumberOfMessages = 1 })[0].ReceiptHandle
	if _, err := q.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String("delayed"), DelaySeconds: 900}); err != nil {
		t.Fatal(err)
	}
	q.wantCounts("1", "1", "1")
	if _, err := q.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &q.url}); err != nil {
		t.Fatal(err)
	}
	q.wantCounts("0", "0", "0")
	if _, err := q.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: handle}); err != nil {
		t.Errorf("delete of a purged message: %v", err)
	}
	q.send("after the purge")
	if got := q.receiveOne(); *got.Body != "after the purge" {
		t.Errorf("received %q", *got.Body)
	}
}
