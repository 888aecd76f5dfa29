package service_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func attribute(name, dataType, value string) api.MessageAttribute {
	a := api.MessageAttribute{Name: name, Value: api.MessageAttributeValue{DataType: dataType}}
	if strings.HasPrefix(dataType, "Binary") {
		a.Value.BinaryValue = []byte(value)
		return a
	}
	a.Value.StringValue = value
	return a
}

func attributes(n int) (as []api.MessageAttribute) {
	for i := range n {
		as = append(as, attribute(fmt.Sprint("n", i), "String", "v"))
	}
	return as
}

type sendCase struct {
	name string
	in   api.SendMessageInput // a body of "b" unless it says otherwise
	want *api.Kind
	text string // "": any
}

func body(s string) api.SendMessageInput { return api.SendMessageInput{MessageBody: s} }

func with(as ...api.MessageAttribute) api.SendMessageInput {
	return api.SendMessageInput{MessageBody: "b", MessageAttributes: as}
}

func system(as ...api.MessageAttribute) api.SendMessageInput {
	return api.SendMessageInput{MessageBody: "b", MessageSystemAttributes: as}
}

func delay(n int) api.SendMessageInput {
	return api.SendMessageInput{MessageBody: "b", DelaySeconds: &n}
}

func group(id string) api.SendMessageInput {
	return api.SendMessageInput{MessageBody: "b", MessageGroupID: &id}
}

func dedup(id string) api.SendMessageInput {
	return api.SendMessageInput{MessageBody: "b", MessageDeduplicationID: &id}
}

func sendCases() []sendCase {
	return []sendCase{
		{"body_absent", body(""), api.MissingParameter, "The request must contain the parameter MessageBody."},
		{"body_1_byte", body("b"), nil, ""},
		{"body_1_MiB", body(repeat(1 << 20)), nil, ""},
		{"body_1_MiB_and_1", body(repeat(1<<20 + 1)), api.MessageTooLong,
			"One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"attributes_count_to_1_MiB", api.SendMessageInput{MessageBody: repeat(1<<20 - 10),
			MessageAttributes: []api.MessageAttribute{attribute("abc", "Binary", "x")}}, nil, ""},
		{"attributes_count_to_1_MiB_and_1", api.SendMessageInput{MessageBody: repeat(1<<20 - 9),
			MessageAttributes: []api.MessageAttribute{attribute("abc", "Binary", "x")}}, api.MessageTooLong, ""},

		{"whitespace", body("\t\n\r"), nil, ""},
		{"replacement_character", body("\ufffd"), nil, ""},
		{"last_code_point", body("\U0010FFFF\ue000\ud7ff\x7f"), nil, ""},
		{"NUL", body("\x00"), api.InvalidMessageContents, ""},
		{"backspace", body("b\x08"), api.InvalidMessageContents, ""},
		{"vertical_tab", body("\x0b"), api.InvalidMessageContents, ""},
		{"unit_separator", body("\x1f"), api.InvalidMessageContents, ""},
		{"FFFE", body("\ufffe"), api.InvalidMessageContents, ""},
		{"FFFF", body("\uffff"), api.InvalidMessageContents, ""},
		{"surrogate", body("\xed\xa0\x80"), api.InvalidMessageContents, ""},
		{"broken_UTF-8", body("\xff"), api.InvalidMessageContents, ""},

		{"delay_-1", delay(-1), api.InvalidDelay, "Value -1 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."},
		{"delay_0", delay(0), nil, ""},
		{"delay_900", delay(900), nil, ""},
		{"delay_901", delay(901), api.InvalidDelay, ""},

		{"group_empty", group(""), api.InvalidGroupID, "Value  for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"group_128", group(repeat(128)), nil, ""},
		{"group_129", group(repeat(129)), api.InvalidGroupID, ""},
		{"group_punctuation", group("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), nil, ""},
		{"group_space", group("a b"), api.InvalidGroupID, ""},
		{"group_umlaut", group("ä"), api.InvalidGroupID, ""},
		{"dedup", dedup("d"), api.NotForThisQueueType, "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type."},
		{"dedup_129", dedup(repeat(129)), api.InvalidDedupID, ""},

		{"trace_header", system(attribute(api.AWSTraceHeader, "String", "Root=1")), nil, ""},
		{"trace_header_4096", system(attribute(api.AWSTraceHeader, "String", repeat(4096))), nil, ""},
		{"trace_header_4097", system(attribute(api.AWSTraceHeader, "String", repeat(4097))), api.TraceHeaderTooLong, ""},
		{"trace_header_twice", system(attribute(api.AWSTraceHeader, "String", "a"), attribute(api.AWSTraceHeader, "String", "b")), api.DuplicateAttributeName, ""},
		{"trace_header_empty", system(attribute(api.AWSTraceHeader, "String", "")), api.EmptyAttributeValue, ""},
		{"trace_header_number", system(attribute(api.AWSTraceHeader, "Number", "1")), api.InvalidAttributeType, ""},
		{"system_attribute_unknown", system(attribute("SenderId", "String", "x")), api.InvalidSystemAttribute,
			"Message system attribute name 'SenderId' is invalid. You can use only the following message system attribute names: AWSTraceHeader."},
	}
}

func attributeCases() []sendCase {
	list := attribute("n", "String", "")
	list.Value.StringListValues = []string{"v"}
	return []sendCase{
		{"10", with(attributes(10)...), nil, ""},
		{"11", with(attributes(11)...), api.TooManyMessageAttributes, "Number of message attributes [11] exceeds the allowed maximum [10]."},
		{"name_empty", with(attribute("", "String", "v")), api.EmptyAttributeName, ""},
		{"name_256", with(attribute(repeat(256), "String", "v")), nil, ""},
		{"name_257", with(attribute(repeat(257), "String", "v")), api.AttributeNameTooLong, ""},
		{"name_letters", with(attribute("attr.1øßä", "String", "v")), nil, ""},
		{"name_two_dots", with(attribute("a..b", "String", "v")), nil, ""},
		{"name_bang", with(attribute("a!", "String", "v")), api.InvalidAttributeNameText, ""},
		{"name_space", with(attribute("a b", "String", "v")), api.InvalidAttributeNameText, ""},
		{"name_broken_UTF-8", with(attribute("a\xff", "String", "v")), api.InvalidAttributeNameText, ""},
		{"name_aws", with(attribute("aWs.x", "String", "v")), api.ReservedAttributeName, ""},
		{"name_amazon", with(attribute("AMAZON.x", "String", "v")), api.ReservedAttributeName, ""},
		{"name_awsx", with(attribute("awsx", "String", "v")), nil, ""},
		{"name_leading_dot", with(attribute(".a", "String", "v")), api.ReservedAttributeName, ""},
		{"name_trailing_dot", with(attribute("a.", "String", "v")), api.ReservedAttributeName, ""},
		{"name_twice", with(attribute("a", "String", "v"), attribute("a", "String", "w")), api.DuplicateAttributeName,
			"Message (user) attribute name 'a' already exists."},
		{"name_case", with(attribute("a", "String", "v"), attribute("A", "String", "w")), nil, ""},

		{"type_empty", with(attribute("n", "", "v")), api.InvalidAttributeType, ""},
		{"type_lower_case", with(attribute("n", "string", "v")), api.InvalidAttributeType,
			"The type of message (user) attribute 'n' is invalid. You must use only the following supported type prefixes: Binary, Number, String."},
		{"type_prefix_only", with(attribute("n", "Stringer", "v")), api.InvalidAttributeType, ""},
		{"type_labelled", with(attribute("n", "String.label", "v")), nil, ""},
		{"type_256", with(attribute("n", "String."+repeat(249), "v")), nil, ""},
		{"type_257", with(attribute("n", "String."+repeat(250), "v")), api.AttributeTypeTooLong, ""},
		{"type_hostile", with(attribute("n", "String.\x00", "v")), api.InvalidAttributeType, ""},
		{"list", with(list), api.AttributeListValues, "Message attribute list values in SendMessage operation are not supported."},

		{"string_empty", with(attribute("n", "String", "")), api.EmptyAttributeValue, "Message (user) attribute 'n' must contain a non-empty value of type 'String'."},
		{"binary_empty", with(attribute("n", "Binary", "")), api.EmptyAttributeValue, ""},
		{"string_NUL", with(attribute("n", "String", "\x00")), api.InvalidAttributeText, ""},
		{"binary_NUL", with(attribute("n", "Binary.x", "\x00")), nil, ""},
		{"number", with(attribute("n", "Number", "-12.5e3")), nil, ""},
		{"number_38_digits", with(attribute("n", "Number", strings.Repeat("9", 38))), nil, ""},
		{"number_39_digits", with(attribute("n", "Number", strings.Repeat("9", 39))), api.AttributeNotANumber, ""},
		{"number_text", with(attribute("n", "Number", "five")), api.AttributeNotANumber, "Can't cast the value of message (user) attribute 'n' to a number."},
		{"number_labelled_text", with(attribute("n", "Number.int", "0x10")), api.AttributeNotANumber, ""},
	}
}

func TestSendMessageLimits(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range append(sendCases(), attributeCases()...) {
		t.Run(c.name, func(t *testing.T) {
			c.in.QueueURL = f.queue
			out, err := f.SendMessage(t.Context(), f.call, &c.in)
			want(t, err, c.want, c.text)
			if err == nil && (len(out.MessageID) != 36 || len(out.MD5OfMessageBody) != 32) {
				t.Errorf("got %+v, want a message id and a digest", out)
			}
		})
	}
}

func TestSendMessageHonoursTheQueuesMaximum(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("small", set(api.MaximumMessageSize, 1024))
	in := body(repeat(1024))
	in.QueueURL = url
	_, err := f.SendMessage(t.Context(), f.call, &in)
	want(t, err, nil, "")
	in.MessageBody += "a"
	_, err = f.SendMessage(t.Context(), f.call, &in)
	want(t, err, api.MessageTooLong, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")
}

// The first fault in AWS's order is the one that is told.
func TestSendMessageOrderOfChecks(t *testing.T) {
	f := newFixture(t, nil)
	url := f.create("small", set(api.MaximumMessageSize, 1024))
	in := api.SendMessageInput{
		QueueURL:                f.queue + "-missing",
		MessageBody:             "",
		MessageAttributes:       []api.MessageAttribute{attribute("", "String", "v")},
		MessageSystemAttributes: []api.MessageAttribute{attribute("nope", "String", "v")},
		MessageGroupID:          new(" "),
		MessageDeduplicationID:  new("d"),
		DelaySeconds:            new(-1),
	}
	for _, step := range []struct {
		want *api.Kind
		mend func()
	}{
		{api.QueueDoesNotExist, func() { in.QueueURL = url }},
		{api.MissingParameter, func() { in.MessageBody = repeat(1025) + "\x00" }},
		{api.MessageTooLong, func() { in.MessageBody = "\x00" }},
		{api.InvalidMessageContents, func() { in.MessageBody = "b" }},
		{api.EmptyAttributeName, func() { in.MessageAttributes = nil }},
		{api.InvalidSystemAttribute, func() { in.MessageSystemAttributes = nil }},
		{api.InvalidGroupID, func() { in.MessageGroupID = nil }},
		{api.InvalidDelay, func() { in.DelaySeconds = nil }},
		{api.NotForThisQueueType, func() { in.MessageDeduplicationID = nil }},
		{nil, func() {}},
	} {
		_, err := f.SendMessage(t.Context(), f.call, &in)
		want(t, err, step.want, "")
		step.mend()
	}
}
