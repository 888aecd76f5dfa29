package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func TestCreateQueueNames(t *testing.T) {
	f := newFixture(t, nil)
	fifo := api.Attributes{set(api.FifoQueue, "True")}
	for _, c := range []struct {
		name, queue string
		attributes  api.Attributes
		want        *api.Kind
	}{
		{"absent", "", nil, api.QueueNameMissing},
		{"80", repeat(80), nil, nil},
		{"81", repeat(81), nil, api.InvalidQueueName},
		{"all_characters", "azAZ09-_", nil, nil},
		{"slash", "a/b", nil, api.InvalidQueueName},
		{"umlaut", "ä", nil, api.InvalidQueueName},
		{"fifo_without_attribute", "a.fifo", nil, api.InvalidQueueName},
		{"fifo_false", "b", api.Attributes{set(api.FifoQueue, "false")}, api.UnknownAttribute},
		{"fifo_without_suffix", "c", fifo, api.InvalidFIFOQueueName},
		{"fifo_75", repeat(75) + ".fifo", fifo, nil},
		{"fifo_76", repeat(76) + ".fifo", fifo, api.InvalidFIFOQueueName},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: c.queue, Attributes: c.attributes})
			want(t, err, c.want, "")
		})
	}
}

type attributeCase struct {
	name, value string
	want        *api.Kind
	text        string
}

func queueAttributeCases() []attributeCase {
	policy := `{"x":"` + repeat(8192-8) + `"}`
	cs := []attributeCase{
		{api.DelaySeconds, "007", nil, ""},
		{api.DelaySeconds, "", api.InvalidAttributeValue, "Invalid value for the parameter DelaySeconds."},
		{api.DelaySeconds, "1.0", api.InvalidAttributeValue, ""},
		{api.DelaySeconds, " 1", api.InvalidAttributeValue, ""},
		{api.DelaySeconds, "99999999999999999999", api.InvalidAttributeValue, ""},
		{api.Policy, policy, nil, ""},
		{api.Policy, strings.Replace(policy, "a", "aa", 1), api.InvalidAttributeValue, "Invalid value for the parameter Policy."},
		{api.Policy, "", nil, ""},
		{api.Policy, "[]", api.InvalidAttributeValue, ""},
		{api.Policy, "{", api.InvalidAttributeValue, ""},
		{api.Policy, "{}{}", api.InvalidAttributeValue, ""},
		{"Foobar", "1", api.UnknownAttribute, "Unknown Attribute Foobar."},
		{"", "1", api.UnknownAttribute, "Unknown Attribute ."},
		{api.All, "1", api.UnknownAttribute, "Unknown Attribute All."},
		{api.QueueArn, "1", api.UnknownAttribute, ""},
		{api.CreatedTimestamp, "1", api.UnknownAttribute, ""},
		{api.ApproximateNumberOfMessages, "1", api.UnknownAttribute, ""},
		{api.FifoQueue, "false", api.UnknownAttribute, "Unknown Attribute FifoQueue."},
		{api.FifoQueue, "", api.UnknownAttribute, ""},
		{api.ContentBasedDeduplication, "true", api.UnknownAttribute, "Unknown Attribute ContentBasedDeduplication."},
		{api.DeduplicationScope, "queue", api.FIFOAttribute, "You can specify the DeduplicationScope only when FifoQueue is set to true."},
		{api.FifoThroughputLimit, "perQueue", api.FIFOAttribute, "You can specify the FifoThroughputLimit only when FifoQueue is set to true."},
		{api.RedrivePolicy, "", nil, ""},
		{api.RedriveAllowPolicy, "", nil, ""},
		{api.KmsMasterKeyID, "testKeyId", nil, ""},
		{api.KmsMasterKeyID, strings.Repeat("ä", 2048), nil, ""},
		{api.KmsMasterKeyID, repeat(2049), api.InvalidAttributeValue, ""},
		{api.KmsMasterKeyID, "\x00", api.InvalidAttributeValue, ""},
		{api.KmsMasterKeyID, "", nil, ""},
		{api.SqsManagedSseEnabled, "TRUE", nil, ""},
		{api.SqsManagedSseEnabled, "False", nil, ""},
		{api.SqsManagedSseEnabled, "", api.InvalidAttributeValue, ""},
		{api.SqsManagedSseEnabled, "yes", api.InvalidAttributeValue, "Invalid value for the parameter SqsManagedSseEnabled."},
	}
	for _, row := range api.QueueAttributes { // the edges of each range
		if row.Kind != api.IntegerAttribute {
			continue
		}
		cs = append(cs,
			attributeCase{row.Name, fmt.Sprint(row.Min - 1), api.InvalidAttributeValue, ""},
			attributeCase{row.Name, fmt.Sprint(row.Min), nil, ""},
			attributeCase{row.Name, fmt.Sprint(row.Max), nil, ""},
			attributeCase{row.Name, fmt.Sprint(row.Max + 1), api.InvalidAttributeValue, ""})
	}
	return cs
}

func TestQueueAttributeLimits(t *testing.T) {
	f := newFixture(t, nil)
	for i, c := range queueAttributeCases() {
		t.Run(fmt.Sprintf("%s=%.20s", c.name, c.value), func(t *testing.T) {
			as := api.Attributes{{Name: c.name, Value: c.value}}
			_, err := f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: fmt.Sprint("n", i), Attributes: as})
			want(t, err, c.want, c.text)
			_, err = f.SetQueueAttributes(t.Context(), f.call, &api.SetQueueAttributesInput{QueueURL: f.queue, Attributes: as})
			want(t, err, c.want, c.text)
		})
	}
}

func TestFIFOAttributeLimits(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("limits.fifo", set(api.FifoQueue, "true"))
	for _, c := range []attributeCase{
		{api.FifoQueue, "true", nil, ""},
		{api.FifoQueue, "True", nil, ""},
		{api.FifoQueue, "false", api.QueueTypeIsFixed, "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."},
		{api.FifoQueue, "", api.InvalidAttributeValue, "Invalid value for the parameter FifoQueue."},
		{api.ContentBasedDeduplication, "TRUE", nil, ""},
		{api.ContentBasedDeduplication, "1", api.InvalidAttributeValue, ""},
		{api.DeduplicationScope, "queue", nil, ""},
		{api.DeduplicationScope, "Queue", api.InvalidAttributeValue, "Invalid value for the parameter DeduplicationScope."},
		{api.DeduplicationScope, "", api.InvalidAttributeValue, ""},
		{api.FifoThroughputLimit, "perQueue", nil, ""},
		{api.FifoThroughputLimit, "perMessageGroupId", api.InvalidAttributeValue, "Invalid value for the parameter FifoThroughputLimit."},
		{api.FifoThroughputLimit, "perGroup", api.InvalidAttributeValue, ""},
		{api.DeduplicationScope, "messageGroup", nil, ""},
		{api.FifoThroughputLimit, "perMessageGroupId", nil, ""}, // now it goes with the scope
		{api.DeduplicationScope, "queue", api.InvalidAttributeValue, "Invalid value for the parameter FifoThroughputLimit."},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			as := api.Attributes{{Name: c.name, Value: c.value}}
			_, err := f.SetQueueAttributes(t.Context(), f.call, &api.SetQueueAttributesInput{QueueURL: url, Attributes: as})
			want(t, err, c.want, c.text)
		})
	}
	t.Run("both_at_once", func(t *testing.T) {
		as := api.Attributes{set(api.FifoQueue, "true"), set(api.FifoThroughputLimit, "perMessageGroupId"), set(api.DeduplicationScope, "messageGroup")}
		f.create("both.fifo", as...)
		_, err := f.CreateQueue(t.Context(), f.call, &api.CreateQueueInput{QueueName: "limit.fifo", Attributes: as[:2]})
		want(t, err, api.InvalidAttributeValue, "Invalid value for the parameter FifoThroughputLimit.")
	})
}

func TestTagLimits(t *testing.T) {
	f := newFixture(t, nil)
	many := func(n int) (tags []api.Tag) {
		for i := range n {
			tags = append(tags, api.Tag{Key: fmt.Sprint(i)})
		}
		return tags
	}
	for i, c := range []struct {
		name string
		tags []api.Tag
		want *api.Kind
	}{
		{"50", many(50), nil},
		{"51", many(51), api.TooManyTags},
		{"51_of_which_two_are_one", append(many(50), api.Tag{Key: "0", Value: "again"}), nil},
		{"key_empty", []api.Tag{{Value: "v"}}, api.InvalidTagKey},
		{"key_128_characters", []api.Tag{{Key: strings.Repeat("ä", 128)}}, nil},
		{"key_129", []api.Tag{{Key: repeat(129)}}, api.InvalidTagKey},
		{"value_256_characters", []api.Tag{{Key: "k", Value: strings.Repeat("ä", 256)}}, nil},
		{"value_257", []api.Tag{{Key: "k", Value: repeat(257)}}, api.InvalidTagValue},
		{"reserved", []api.Tag{{Key: "AWS:x"}}, api.ReservedTagKey},
		{"hostile", []api.Tag{{Key: "k", Value: "\x00"}}, api.InvalidTagText},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := &api.CreateQueueInput{QueueName: fmt.Sprint("n", i), Tags: c.tags}
			_, err := f.CreateQueue(t.Context(), f.call, in)
			want(t, err, c.want, "")
			_, err = f.TagQueue(t.Context(), f.call, &api.TagQueueInput{QueueURL: f.create(fmt.Sprint("t", i)), Tags: c.tags})
			want(t, err, c.want, "")
		})
	}
}
