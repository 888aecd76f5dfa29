package wire

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

// The codecs of this package could agree with one another and be wrong. Here the standard library reads what they
// write, by declarations of its own.

var receiveSample = api.ReceiveMessageOutput{Messages: []api.Message{{
	Attributes:             api.Attributes{{Name: "SenderId", Value: "0"}, {Name: "SentTimestamp", Value: "1700000000000"}},
	Body:                   "\"&quot;\" <a>\r\n\t]]> é😀",
	MD5OfBody:              "b",
	MD5OfMessageAttributes: "a",
	MessageAttributes:      []api.MessageAttribute{str("s", "String", "v"), bin("b", "Binary.x", "\x00\xff")},
	MessageID:              "m",
	ReceiptHandle:          "r",
}}}

func TestJSONByTheStandardLibrary(t *testing.T) {
	var got struct {
		Messages []struct {
			Attributes        map[string]string
			Body              string
			MessageAttributes map[string]struct {
				DataType    string
				StringValue *string
				BinaryValue []byte
			}
			MD5OfBody, MD5OfMessageAttributes string
			MessageID                         string `json:"MessageId"`
			ReceiptHandle                     string
		}
	}
	if err := json.Unmarshal(AppendJSON(nil, &receiveSample), &got); err != nil {
		t.Fatal(err)
	}
	want, m := receiveSample.Messages[0], got.Messages[0]
	if m.Body != want.Body || m.MessageID != want.MessageID || m.ReceiptHandle != want.ReceiptHandle || m.MD5OfBody != "b" {
		t.Errorf("got %+v", m)
	}
	if m.Attributes["SentTimestamp"] != "1700000000000" || len(m.Attributes) != 2 {
		t.Errorf("attributes %v", m.Attributes)
	}
	s, b := m.MessageAttributes["s"], m.MessageAttributes["b"]
	if s.DataType != "String" || *s.StringValue != "v" || b.StringValue != nil || string(b.BinaryValue) != "\x00\xff" {
		t.Errorf("message attributes %+v", m.MessageAttributes)
	}
}

func TestXMLByTheStandardLibrary(t *testing.T) {
	type attribute struct {
		Name  string
		Value string
	}
	var got struct {
		XMLName xml.Name `xml:"http://queue.amazonaws.com/doc/2012-11-05/ ReceiveMessageResponse"`
		Result  struct {
			Message []struct {
				MessageID        string `xml:"MessageId"`
				Body             string
				Attribute        []attribute
				MessageAttribute []struct {
					Name     string
					DataType string  `xml:"Value>DataType"`
					Str      *string `xml:"Value>StringValue"`
					Bin      *string `xml:"Value>BinaryValue"`
				}
			}
		} `xml:"ReceiveMessageResult"`
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}
	if err := xml.Unmarshal(AppendXML(nil, "ReceiveMessage", &receiveSample, "ID"), &got); err != nil {
		t.Fatal(err)
	}
	m := got.Result.Message[0]
	if got.RequestID != "ID" || m.MessageID != "m" || m.Body != receiveSample.Messages[0].Body {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(m.Attribute, []attribute{{"SenderId", "0"}, {"SentTimestamp", "1700000000000"}}) {
		t.Errorf("attributes %v", m.Attribute)
	}
	s, b := m.MessageAttribute[0], m.MessageAttribute[1]
	if s.Name != "s" || s.DataType != "String" || *s.Str != "v" || s.Bin != nil || *b.Bin != "AP8=" || b.Str != nil {
		t.Errorf("message attributes %+v", m.MessageAttribute)
	}
}

func TestQueryByTheStandardLibrary(t *testing.T) {
	body := "a b+c&d=é%;\r\n~*'()"
	encoded := AppendQuery(nil, "SendMessage", &api.SendMessageInput{QueueURL: "http://h/0/q", MessageBody: body,
		MessageAttributes: receiveSample.Messages[0].MessageAttributes})
	got, err := url.ParseQuery(string(encoded))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://h/0/q"}, "MessageBody": {body},
		"MessageAttribute.1.Name": {"s"}, "MessageAttribute.1.Value.DataType": {"String"}, "MessageAttribute.1.Value.StringValue": {"v"},
		"MessageAttribute.2.Name": {"b"}, "MessageAttribute.2.Value.DataType": {"Binary.x"}, "MessageAttribute.2.Value.BinaryValue": {"AP8="},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Any Go string makes a document that the standard library accepts, and that says the same as far as it can.
func TestAnyStringIsEncoded(t *testing.T) {
	for _, body := range []string{"\xff", "a\xc3", "\xed\xa0\x80", "\x00\x1b\x7f", "\uFFFE\uFFFF", "\u2028"} {
		out := api.ReceiveMessageOutput{Messages: []api.Message{{Body: body}}}
		var fromJSON, fromXML api.ReceiveMessageOutput
		if document := AppendJSON(nil, &out); !json.Valid(document) {
			t.Errorf("%q: invalid JSON %s", body, document)
		} else if err := DecodeJSON(document, &fromJSON); err != nil {
			t.Errorf("%q: %v", body, err)
		}
		document := AppendXML(nil, "ReceiveMessage", &out, "\xff\x00")
		if _, err := DecodeXML(document, &fromXML); err != nil {
			t.Errorf("%q: %v in %s", body, err, document)
		}
	}
}
