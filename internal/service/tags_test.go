package service_test

import (
	"fmt"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func (f *fixture) tags(url string) (tags string) {
	f.Helper()
	out, err := f.ListQueueTags(f.Context(), f.call, &api.ListQueueTagsInput{QueueURL: url})
	if err != nil {
		f.Fatal(err)
	}
	for _, t := range out.Tags {
		tags += t.Key + "=" + t.Value + " "
	}
	return tags
}

func TestTags(t *testing.T) {
	f := newFixture(t, nil)
	tag := func(tags ...api.Tag) error {
		_, err := f.TagQueue(t.Context(), f.call, &api.TagQueueInput{QueueURL: f.queue, Tags: tags})
		return err
	}
	untag := func(keys ...string) error {
		_, err := f.UntagQueue(t.Context(), f.call, &api.UntagQueueInput{QueueURL: f.queue, TagKeys: keys})
		return err
	}
	expect := func(tags string) {
		t.Helper()
		if got := f.tags(f.queue); got != tags {
			t.Errorf("got %q, want %q", got, tags)
		}
	}
	expect("")
	want(t, tag(), api.MissingParameter, "The request must contain the parameter Tags.")
	want(t, tag(api.Tag{Key: "team", Value: "ops"}, api.Tag{Key: "Team"}), nil, "")
	expect("Team= team=ops ")
	want(t, tag(api.Tag{Key: "team", Value: "dev"}, api.Tag{Key: "a", Value: "b"}), nil, "")
	expect("Team= a=b team=dev ")
	want(t, tag(api.Tag{Key: "good"}, api.Tag{Key: repeat(129)}), api.InvalidTagKey, "")
	expect("Team= a=b team=dev ")
	want(t, untag("a", "unknown"), nil, "")
	expect("Team= team=dev ")
	want(t, untag(), api.InvalidTagKey, "Tag keys must be between 1 and 128 characters in length.")
	want(t, untag(""), api.InvalidTagKey, "")
	want(t, untag(repeat(128)), nil, "")
	want(t, untag(repeat(129)), api.InvalidTagKey, "")
	want(t, untag("team", "Team"), nil, "")
	expect("")

	_, err := f.ListQueueTags(t.Context(), f.call, &api.ListQueueTagsInput{QueueURL: "absent"})
	want(t, err, api.QueueDoesNotExist, "")
	_, err = f.UntagQueue(t.Context(), f.call, &api.UntagQueueInput{QueueURL: "absent"})
	want(t, err, api.QueueDoesNotExist, "")
	_, err = f.TagQueue(t.Context(), f.call, &api.TagQueueInput{QueueURL: "absent"})
	want(t, err, api.QueueDoesNotExist, "")
}

func TestTagsAddUpToFifty(t *testing.T) {
	f := newFixture(t, nil)
	for i := range 5 {
		in := &api.TagQueueInput{QueueURL: f.queue}
		for j := range 10 {
			in.Tags = append(in.Tags, api.Tag{Key: fmt.Sprint(10*i + j)})
		}
		_, err := f.TagQueue(t.Context(), f.call, in)
		want(t, err, nil, "")
	}
	_, err := f.TagQueue(t.Context(), f.call, &api.TagQueueInput{QueueURL: f.queue, Tags: []api.Tag{{Key: "50"}}})
	want(t, err, api.TooManyTags, "Too many tags added for queue q.")
	_, err = f.TagQueue(t.Context(), f.call, &api.TagQueueInput{QueueURL: f.queue, Tags: []api.Tag{{Key: "49", Value: "new"}}})
	want(t, err, nil, "")
}
