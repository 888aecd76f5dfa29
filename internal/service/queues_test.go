package service_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
)

func TestCreateQueueComparesWhatIsSupplied(t *testing.T) {
	f := newFixture(t, nil)
	policy := `{"Version":"2012-10-17","Id":1}`
	f.create("q1", set(api.DelaySeconds, 5), set(api.Policy, policy))
	for _, c := range []struct {
		name       string
		attributes api.Attributes
		differs    string
	}{
		{"nothing", nil, ""},
		{"same", api.Attributes{set(api.DelaySeconds, "05")}, ""},
		{"default", api.Attributes{set(api.VisibilityTimeout, 30)}, ""},
		{"first_difference", api.Attributes{set(api.VisibilityTimeout, 31), set(api.DelaySeconds, 6)}, api.VisibilityTimeout},
		{"second_differs", api.Attributes{set(api.DelaySeconds, 5), set(api.VisibilityTimeout, 31)}, api.VisibilityTimeout},
		{"policy_as_JSON", api.Attributes{set(api.Policy, `{ "Id": 1, "Version": "2012-10-17" }`)}, ""},
		{"policy_differs", api.Attributes{set(api.Policy, `{"Version":"2012-10-17","Id":2}`)}, api.Policy},
		{"policy_unset", api.Attributes{set(api.Policy, "")}, api.Policy},
		{"redrive_unset", api.Attributes{set("RedrivePolicy", "")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: "q1", Attributes: c.attributes})
			if c.differs != "" {
				want(t, err, api.QueueNameExists, "A queue already exists with the same name and a different value for attribute "+c.differs)
				return
			}
			want(t, err, nil, "")
			if got, want := out.QueueURL, "http://localhost:9324/000000000000/q1"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func (f *fixture) attributes(names ...string) string {
	f.Helper()
	out, err := f.GetQueueAttributes(f.Context(), f.call, &api.GetQueueAttributesInput{QueueURL: f.queue, AttributeNames: names})
	if err != nil {
		f.Fatal(err)
	}
	var text []string
	for _, a := range out.Attributes {
		text = append(text, a.Name+"="+a.Value)
	}
	return strings.Join(text, " ")
}

func TestGetQueueAttributes(t *testing.T) {
	f := newFixture(t, nil)
	t.Run("all_of_a_fresh_queue_are_twelve", func(t *testing.T) {
		if got := len(strings.Fields(f.attributes(api.All))); got != 12 {
			t.Errorf("got %d, want 12: %s", got, f.attributes(api.All))
		}
	})
	for _, c := range []struct {
		name  string
		asked []string
		want  string
	}{
		{"none", nil, ""},
		{"arn", []string{api.QueueArn}, "QueueArn=arn:aws:sqs:us-east-1:000000000000:q"},
		{"unset_and_fifo_are_left_out", []string{api.Policy, api.RedrivePolicy, api.KmsMasterKeyID, api.KmsDataKeyReusePeriodSeconds,
			api.FifoQueue, api.ContentBasedDeduplication, api.DeduplicationScope}, ""},
		{"defaults", []string{api.MaximumMessageSize, api.DelaySeconds, api.VisibilityTimeout, api.MessageRetentionPeriod, api.ReceiveMessageWaitTimeSeconds},
			"DelaySeconds=0 MaximumMessageSize=1048576 MessageRetentionPeriod=345600 ReceiveMessageWaitTimeSeconds=0 VisibilityTimeout=30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := f.attributes(c.asked...); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	for _, unknown := range []string{"Foobar", "", "all"} {
		_, err := f.GetQueueAttributes(t.Context(), f.call, &api.GetQueueAttributesInput{QueueURL: f.queue, AttributeNames: []string{unknown}})
		want(t, err, api.UnknownAttribute, "Unknown Attribute "+unknown+".")
	}
}

func TestGetQueueAttributesOfFIFO(t *testing.T) {
	f := newFixture(t, nil)
	f.queue = f.create("q.fifo", set(api.FifoQueue, "True"))
	if got := len(strings.Fields(f.attributes(api.All))); got != 16 {
		t.Errorf("got %d of a fresh queue, want 16: %s", got, f.attributes(api.All))
	}
	got := f.attributes(api.FifoQueue, api.ContentBasedDeduplication, api.DeduplicationScope, api.FifoThroughputLimit)
	if want := "ContentBasedDeduplication=false DeduplicationScope=queue FifoQueue=true FifoThroughputLimit=perQueue"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f.create("q.fifo", set(api.FifoQueue, "true"), set(api.ContentBasedDeduplication, "FALSE"))
	_, err := f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: "q.fifo",
		Attributes: api.Attributes{set(api.FifoQueue, "true"), set(api.ContentBasedDeduplication, "true")}})
	want(t, err, api.QueueNameExists, "A queue already exists with the same name and a different value for attribute ContentBasedDeduplication")
}

// The steps are recorded from AWS (test_set_queue_attributes_default_values), except those that say otherwise.
func TestEncryptionAttributes(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		name string
		set  api.Attributes
		want string
	}{
		{"default", nil, "SqsManagedSseEnabled=true"},
		{"key", api.Attributes{set(api.KmsMasterKeyID, "alias/aws/sqs")},
			"KmsDataKeyReusePeriodSeconds=300 KmsMasterKeyId=alias/aws/sqs SqsManagedSseEnabled=false"},
		{"reuse", api.Attributes{set(api.KmsDataKeyReusePeriodSeconds, 297)},
			"KmsDataKeyReusePeriodSeconds=297 KmsMasterKeyId=alias/aws/sqs SqsManagedSseEnabled=false"},
		{"unset", api.Attributes{set(api.KmsMasterKeyID, ""), set(api.KmsDataKeyReusePeriodSeconds, 300)}, "SqsManagedSseEnabled=false"},
		{"managed", api.Attributes{set(api.SqsManagedSseEnabled, "true")}, "SqsManagedSseEnabled=true"},
		{"key_with_managed_off", api.Attributes{set(api.KmsMasterKeyID, "k"), set(api.SqsManagedSseEnabled, "false")},
			"KmsDataKeyReusePeriodSeconds=300 KmsMasterKeyId=k SqsManagedSseEnabled=false"},
		{"managed_replaces_the_key_(not_recorded)", api.Attributes{set(api.SqsManagedSseEnabled, "true")}, "SqsManagedSseEnabled=true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.set != nil {
				_, err := f.SetQueueAttributes(t.Context(), f.call, &api.SetQueueAttributesInput{QueueURL: f.queue, Attributes: c.set})
				want(t, err, nil, "")
			}
			if got := f.attributes(api.KmsMasterKeyID, api.KmsDataKeyReusePeriodSeconds, api.SqsManagedSseEnabled); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	both := api.Attributes{set(api.KmsMasterKeyID, "k"), set(api.SqsManagedSseEnabled, "true")}
	_, err := f.SetQueueAttributes(t.Context(), f.call, &api.SetQueueAttributesInput{QueueURL: f.queue, Attributes: both})
	want(t, err, api.TwoEncryptions, "")
	_, err = f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: "both", Attributes: both})
	want(t, err, api.TwoEncryptions, "")
}

func TestGetQueueAttributesCounts(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "one")
	f.send(f.queue, "two")
	f.send(f.queue, "three")
	in := delay(900)
	in.QueueURL = f.queue
	if _, err := f.SendMessage(t.Context(), f.call, &in); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReceiveMessage(t.Context(), f.call, &api.ReceiveMessageInput{QueueURL: f.queue}); err != nil {
		t.Fatal(err)
	}
	got := f.attributes(api.ApproximateNumberOfMessages, api.ApproximateNumberOfMessagesDelayed, api.ApproximateNumberOfMessagesNotVisible)
	if want := "ApproximateNumberOfMessages=2 ApproximateNumberOfMessagesDelayed=1 ApproximateNumberOfMessagesNotVisible=1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSetQueueAttributesIsAllOrNothing(t *testing.T) {
	f := newFixture(t, nil)
	update := func(as ...api.Attribute) error {
		_, err := f.SetQueueAttributes(t.Context(), f.call, &api.SetQueueAttributesInput{QueueURL: f.queue, Attributes: as})
		return err
	}
	want(t, update(), api.MissingParameter, "The request must contain the parameter Attributes.")
	want(t, update(set(api.DelaySeconds, 7), set(api.VisibilityTimeout, 99999)), api.InvalidAttributeValue, "")
	if got := f.attributes(api.DelaySeconds); got != "DelaySeconds=0" {
		t.Errorf("got %s, want it unchanged", got)
	}
	want(t, update(set(api.DelaySeconds, "+7"), set(api.Policy, `{"a":1}`)), nil, "")
	want(t, update(set(api.VisibilityTimeout, 0)), nil, "")
	if got := f.attributes(api.DelaySeconds, api.Policy, api.VisibilityTimeout); got != `DelaySeconds=7 Policy={"a":1} VisibilityTimeout=0` {
		t.Errorf("got %s", got)
	}
	want(t, update(set(api.Policy, "")), nil, "")
	if got := f.attributes(api.Policy); got != "" {
		t.Errorf("got %s, want no policy", got)
	}
}

func TestListQueuesPages(t *testing.T) {
	f := newFixture(t, nil)
	for i := range 5 {
		f.create(fmt.Sprint("page", i))
	}
	list := func(in api.ListQueuesInput) *api.ListQueuesOutput {
		t.Helper()
		out, err := f.ListQueues(t.Context(), f.call, &in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	prefix := new("page")
	if out := list(api.ListQueuesInput{}); len(out.QueueURLs) != 6 || out.NextToken != nil {
		t.Errorf("got %v, want six and no token", out)
	}
	first := list(api.ListQueuesInput{QueueNamePrefix: prefix, MaxResults: new(2)})
	if len(first.QueueURLs) != 2 || first.NextToken == nil {
		t.Fatalf("got %v, want two and a token", first)
	}
	rest := list(api.ListQueuesInput{QueueNamePrefix: prefix, MaxResults: new(3), NextToken: first.NextToken})
	if len(rest.QueueURLs) != 3 || rest.NextToken != nil || !strings.HasSuffix(rest.QueueURLs[0], "/page2") {
		t.Errorf("got %v, want the last three and no token", rest)
	}
	for _, c := range []struct {
		name string
		in   api.ListQueuesInput
		want *api.Kind
	}{
		{"max_0", api.ListQueuesInput{MaxResults: new(0)}, api.InvalidMaxResults},
		{"max_1", api.ListQueuesInput{MaxResults: new(1)}, nil},
		{"max_1000", api.ListQueuesInput{MaxResults: new(1000)}, nil},
		{"max_1001", api.ListQueuesInput{MaxResults: new(1001)}, api.InvalidMaxResults},
		{"token_garbage", api.ListQueuesInput{NextToken: new("garbage")}, api.InvalidNextToken},
		{"token_of_another_prefix", api.ListQueuesInput{NextToken: first.NextToken}, api.InvalidNextToken},
		{"token_empty", api.ListQueuesInput{NextToken: new("")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.ListQueues(t.Context(), f.call, &c.in)
			want(t, err, c.want, "")
		})
	}
}

func TestGetQueueURL(t *testing.T) {
	f := newFixture(t, nil)
	out, err := f.GetQueueURL(t.Context(), f.call, &api.GetQueueURLInput{QueueName: "q"})
	want(t, err, nil, "")
	if out.QueueURL != f.queue {
		t.Errorf("got %s, want %s", out.QueueURL, f.queue)
	}
	_, err = f.GetQueueURL(t.Context(), f.call, &api.GetQueueURLInput{})
	want(t, err, api.QueueNameMissing, "")
	_, err = f.GetQueueURL(t.Context(), f.call, &api.GetQueueURLInput{QueueName: "absent"})
	want(t, err, api.QueueDoesNotExist, "")
	_, err = f.GetQueueURL(t.Context(), f.call, &api.GetQueueURLInput{QueueName: "q", QueueOwnerAWSAccountID: new("123456789012")})
	want(t, err, api.QueueDoesNotExist, "")
}

func TestPurgeAndDelete(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "b")
	purge := &api.PurgeQueueInput{QueueURL: f.queue}
	_, err := f.PurgeQueue(t.Context(), f.call, purge)
	want(t, err, nil, "")
	_, err = f.PurgeQueue(t.Context(), f.call, purge)
	want(t, err, api.PurgeQueueInProgress, "Only one PurgeQueue operation on q is allowed every 60 seconds.")
	remove := &api.DeleteQueueInput{QueueURL: f.queue}
	_, err = f.DeleteQueue(t.Context(), f.call, remove)
	want(t, err, nil, "")
	_, err = f.DeleteQueue(t.Context(), f.call, remove)
	want(t, err, api.QueueDoesNotExist, "")
	_, err = f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: "q"})
	want(t, err, api.QueueDeletedRecently, "")
	f.advance(time.Minute)
	f.create("q")
}

// Without MaxResults there are at most 1,000 URLs and never a token, whether or not there are more; with it there is one
// exactly if there are more (recorded). Both listings of queues share the rule.
func TestListsOfMoreThanAThousand(t *testing.T) {
	f := newFixture(t, nil)
	f.create("dead")
	for i := range 1001 {
		f.create(fmt.Sprintf("s%04d", i), redriveTo("dead", 1))
	}
	all := func(max *int, token *string) ([]string, *string) {
		out, err := f.ListQueues(t.Context(), f.call, &api.ListQueuesInput{QueueNamePrefix: new("s"), MaxResults: max, NextToken: token})
		want(t, err, nil, "")
		return out.QueueURLs, out.NextToken
	}
	sources := func(max *int, token *string) ([]string, *string) {
		out, err := f.ListDeadLetterSourceQueues(t.Context(), f.call, &api.ListDeadLetterSourceQueuesInput{QueueURL: "dead", MaxResults: max, NextToken: token})
		want(t, err, nil, "")
		return out.QueueURLs, out.NextToken
	}
	for name, list := range map[string]func(max *int, token *string) ([]string, *string){"ListQueues": all, "ListDeadLetterSourceQueues": sources} {
		t.Run(name, func(t *testing.T) {
			if urls, token := list(nil, nil); len(urls) != 1000 || token != nil {
				t.Errorf("got %d and the token %v, want 1,000 and none", len(urls), token)
			}
			urls, token := list(new(1000), nil)
			if len(urls) != 1000 || token == nil {
				t.Fatalf("got %d and the token %v, want 1,000 and a token", len(urls), token)
			}
			if urls, token := list(new(1), token); len(urls) != 1 || token != nil || !strings.HasSuffix(urls[0], "/s1000") {
				t.Errorf("got %v and the token %v, want the last and no token", urls, token)
			}
		})
	}
}
