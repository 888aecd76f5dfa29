package service_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func names(as []api.MessageAttribute) string {
	var ns []string
	for _, a := range as {
		ns = append(ns, a.Name)
	}
	return strings.Join(ns, " ")
}

// The digests are those of the reference's vectors 3 and 3a, recorded from AWS.
func TestReceiveFiltersMessageAttributes(t *testing.T) {
	f := newFixture(t, nil)
	in := with(attribute("Help.Me", "String", "Me"), attribute("Hello", "String", "There"), attribute("General", "String", "Kenobi"))
	in.QueueURL = f.queue
	sent, err := f.SendMessage(t.Context(), f.call, &in)
	if err != nil {
		t.Fatal(err)
	}
	const all = "4c360f3fdafd970e05fae2f149d997f5"
	if sent.MD5OfMessageAttributes != all {
		t.Errorf("got digest %s of the sent attributes, want %s", sent.MD5OfMessageAttributes, all)
	}
	for _, c := range []struct {
		asked       []string
		names, want string
	}{
		{nil, "", ""},
		{[]string{"All"}, "General Hello Help.Me", all},
		{[]string{".*"}, "General Hello Help.Me", all},
		{[]string{"*"}, "General Hello Help.Me", all},
		{[]string{"Hello"}, "Hello", "a311262e065454b75da111d535b8dacd"},
		{[]string{"Hel.*"}, "Hello Help.Me", "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{[]string{"nope.*", "Help", "Hello"}, "Hello", "a311262e065454b75da111d535b8dacd"},
		{[]string{"x.*", "Hel.*"}, "Hello Help.Me", "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{[]string{"AWS.", "..foo", "hello"}, "", ""},
	} {
		t.Run(strings.Join(c.asked, ","), func(t *testing.T) {
			m := f.receive(api.ReceiveMessageInput{MessageAttributeNames: c.asked})
			if got := names(m.MessageAttributes); got != c.names {
				t.Errorf("got %q, want %q", got, c.names)
			}
			if m.MD5OfMessageAttributes != c.want {
				t.Errorf("got digest %q, want %q", m.MD5OfMessageAttributes, c.want)
			}
		})
	}
}

func TestReceiveFiltersSystemAttributes(t *testing.T) {
	f := newFixture(t, nil)
	f.send(f.queue, "b")
	plain := []string{"ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"}
	for _, c := range []struct {
		name       string
		old, asked []string
		want       []string
	}{
		{"none", nil, nil, nil},
		{"all", nil, []string{"All"}, plain},
		{"all_in_the_old_list", []string{"All"}, nil, plain},
		{"union", []string{"SenderId"}, []string{"SentTimestamp"}, plain[2:]},
		{"unknown", nil, []string{"not-a-real-name"}, nil},
		{"unset", nil, []string{"AWSTraceHeader", "MessageGroupId"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := f.receive(api.ReceiveMessageInput{AttributeNames: c.old, MessageSystemAttributeNames: c.asked})
			var got []string
			for _, a := range m.Attributes {
				got = append(got, a.Name)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	m := f.receive(api.ReceiveMessageInput{AttributeNames: []string{"All"}})
	if got, _ := m.Attributes.Get(api.SenderID); got != "AKIDEXAMPLE" {
		t.Errorf("got sender %q, want AKIDEXAMPLE", got)
	}
	if got, _ := m.Attributes.Get(api.ApproximateReceiveCount); got != "7" {
		t.Errorf("got receive count %s, want 7", got)
	}
}

func TestTraceHeaderAndGroup(t *testing.T) {
	const given, fromHTTP = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", "Root=http"
	for _, c := range []struct {
		name   string
		system []api.MessageAttribute
		header string
		want   string
		md5    string
	}{
		{"neither", nil, "", "", ""},
		{"header", nil, fromHTTP, fromHTTP, ""},
		{"attribute_wins", []api.MessageAttribute{attribute(api.AWSTraceHeader, "String", given)}, fromHTTP, given, "5ae4d5d7636402d80f4eb6d213245a88"},
		{"hostile_header", nil, "\xff", "", ""},
		{"huge_header", nil, repeat(5000), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, nil)
			f.call.TraceHeader = c.header
			out, err := f.SendMessage(t.Context(), f.call, &api.SendMessageInput{QueueURL: f.queue, MessageBody: "b",
				MessageSystemAttributes: c.system, MessageGroupID: new("tenant")})
			if err != nil {
				t.Fatal(err)
			}
			if out.MD5OfMessageSystemAttributes != c.md5 || out.SequenceNumber != "" {
				t.Errorf("got digest %q and sequence number %q, want %q and none", out.MD5OfMessageSystemAttributes, out.SequenceNumber, c.md5)
			}
			m := f.receive(api.ReceiveMessageInput{AttributeNames: []string{"All"}})
			if got, _ := m.Attributes.Get(api.AWSTraceHeader); got != c.want {
				t.Errorf("got trace header %q, want %q", got, c.want)
			}
			if got, _ := m.Attributes.Get(api.MessageGroupID); got != "tenant" {
				t.Errorf("got group %q, want tenant", got)
			}
		})
	}
}
