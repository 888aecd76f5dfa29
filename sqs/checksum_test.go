package sqs_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
	"github.com/bufeomq/bufeo/sqs"
)

func digest(body string) string { return fmt.Sprintf("%x", wire.BodyMD5(body)) }

func TestChecksumsOfWrites(t *testing.T) {
	const right = "4f9573aa59ef5f7b65a06da95e91b53d"
	attributes := map[string]sqs.MessageAttribute{"n": sqs.NumberAttribute("1")}
	sum := wire.AttributesMD5([]api.MessageAttribute{{Name: "n", Value: api.MessageAttributeValue{DataType: "Number", StringValue: "1"}}})
	for _, test := range []struct {
		name       string
		attributes map[string]sqs.MessageAttribute
		out        api.SendMessageOutput
		wantOf     string
	}{
		{"right", nil, api.SendMessageOutput{MD5OfMessageBody: digest("aGVsbG8=")}, ""},
		{"right_attributes", attributes, api.SendMessageOutput{MD5OfMessageBody: digest("aGVsbG8="), MD5OfMessageAttributes: sum}, ""},
		{"wrong_body", nil, api.SendMessageOutput{MD5OfMessageBody: right}, "body"},
		{"no_digest", nil, api.SendMessageOutput{}, "body"},
		{"attributes_lost", attributes, api.SendMessageOutput{MD5OfMessageBody: digest("aGVsbG8=")}, "message attributes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.out.MessageID = "id-1"
			f := &fake{answer: func(r *request) (*http.Response, error) { return r.ok(&test.out) }}
			for _, disabled := range []bool{false, true} {
				m := &sqs.Message{Body: "hello", MessageAttributes: test.attributes}
				err := fakeQueue(t, f, func(o *sqs.Options) { o.DisableChecksums = disabled }).Write(t.Context(), m)
				got, damaged := errors.AsType[*sqs.ChecksumError](err)
				if want := test.wantOf != "" && !disabled; damaged != want || damaged && (got.Of != test.wantOf || got.MessageID != "id-1") {
					t.Errorf("disabled %t: got %v, want one of %q", disabled, err, test.wantOf)
				}
				if m.ID != "id-1" {
					t.Errorf("got id %q: the message was stored", m.ID)
				}
			}
			if n := len(f.requests()); n != 2 {
				t.Errorf("got %d requests; a message that was stored must not be sent again", n)
			}
		})
	}
}

func TestChecksumsOfBatches(t *testing.T) {
	f := &fake{answer: func(r *request) (*http.Response, error) {
		return r.ok(&api.SendMessageBatchOutput{Successful: []api.SendMessageSuccess{
			{ID: "0", MessageID: "a", MD5OfMessageBody: digest("eA==")}, {ID: "1", MessageID: "b", MD5OfMessageBody: digest("y")},
		}})
	}}
	results, err := fakeQueue(t, f).WriteBatch(t.Context(), []*sqs.Message{{Body: "x"}, {Body: "x"}})
	if len(results.Results) != 1 || len(results.Errors) != 1 || results.Errors[0].MessageID != "b" {
		t.Errorf("got %+v, want an error for entry 1, with its message id", results)
	}
	if _, damaged := errors.AsType[*sqs.ChecksumError](err); !damaged {
		t.Errorf("got %v, want a ChecksumError", err)
	}
}

func TestChecksumsOfReads(t *testing.T) {
	f := &fake{answer: func(r *request) (*http.Response, error) {
		return r.ok(&api.ReceiveMessageOutput{Messages: []api.Message{
			{MessageID: "good", Body: "eA==", MD5OfBody: digest("eA==")},
			{MessageID: "damaged", Body: "eA==", MD5OfBody: digest("eQ==")},
		}})
	}}
	messages, err := fakeQueue(t, f).Messages(t.Context(), 10)
	got, _ := errors.AsType[*sqs.ChecksumError](err)
	if got == nil || got.MessageID != "damaged" || got.Of != "body" {
		t.Errorf("got %v, want a ChecksumError of the damaged message", err)
	}
	if len(messages) != 1 || messages[0].ID != "good" {
		t.Errorf("got %v, want the good message", messages)
	}
	off := fakeQueue(t, f, func(o *sqs.Options) { o.DisableChecksums = true })
	if messages, err := off.Messages(t.Context(), 10); len(messages) != 2 || err != nil {
		t.Errorf("unchecked: got %v, %v; want both", messages, err)
	}
}
