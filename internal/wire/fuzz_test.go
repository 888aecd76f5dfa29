package wire

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

// wantFault fails unless err is one of the faults that a decoder of requests may find.
func wantFault(t *testing.T, err error, allowed ...*api.Kind) {
	t.Helper()
	for _, kind := range allowed {
		if e, ok := errors.AsType[*api.Error](err); ok && e.Kind == kind {
			return
		}
	}
	t.Errorf("fault %v", err)
}

// Decoding never panics, fails in the ways it says, and what it makes can be written and read again unchanged.
func FuzzDecodeJSON(f *testing.F) {
	f.Add(byte(6), []byte(`{"QueueUrl":"q","MessageBody":"b","DelaySeconds":"5","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"AQID"}}}`))
	f.Add(byte(8), []byte(`{"MaxNumberOfMessages":1e1,"AttributeNames":["a",null],"x":[{}]}`))
	f.Add(byte(0), []byte(`{"tags":{"k":"v","k":"\ud83d\ude00"},"Attributes":{}}`))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		a := actions[int(which)%len(actions)]
		for _, make := range []func() any{a.newIn, a.newOut} {
			v := make()
			if err := DecodeJSON(body, v); err != nil {
				wantFault(t, err, api.MalformedInput, api.InvalidMessageContents)
				continue
			}
			first, again := AppendJSON(nil, v), make()
			if err := DecodeJSON(first, again); err != nil {
				t.Fatalf("%s: %v", first, err)
			}
			if second := AppendJSON(nil, again); !bytes.Equal(first, second) {
				t.Errorf("first  %s\nsecond %s", first, second)
			}
		}
	})
}

func FuzzDecodeQuery(f *testing.F) {
	f.Add(byte(6), "MessageBody=a+b%41&MessageAttribute.1.Name=a&MessageAttribute.1.Value.BinaryValue=AQID&DelaySeconds=5")
	f.Add(byte(8), "AttributeName=All&AttributeName.10=a&AttributeName.2=b&AttributeName.member.3=c")
	f.Add(byte(7), "SendMessageBatchRequestEntry.1.MessageAttribute.Value.StringListValue.1=x&SendMessageBatchRequestEntry.Id=y")
	f.Fuzz(func(t *testing.T, which byte, encoded string) {
		a := actions[int(which)%len(actions)]
		decode := func(encoded string) (any, error) {
			var p Params
			if err := p.Add(encoded); err != nil {
				return nil, err
			}
			v := a.newIn()
			return v, DecodeQuery(&p, v)
		}
		v, err := decode(encoded)
		if err != nil {
			wantFault(t, err, api.MalformedInput, api.InvalidMessageContents, api.NotAnInteger, api.NotBase64)
			return
		}
		first := AppendQuery(nil, a.name, v)
		again, err := decode(string(first))
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second := AppendQuery(nil, a.name, again); !bytes.Equal(first, second) {
			t.Errorf("first  %s\nsecond %s", first, second)
		}
	})
}

// Whatever an answer holds, its XML can be read, and reading it loses only what XML cannot carry. Whatever a client is
// answered, it does not panic.
func FuzzXML(f *testing.F) {
	f.Add(byte(8), []byte(`{"Messages":[{"Body":"\r\n\u0000<]]>","Attributes":{"a":""},"MessageAttributes":{"b":{"BinaryValue":"AQID"}}}]}`))
	f.Add(byte(7), []byte(`{"Failed":[{"Id":"a"}],"Successful":[{}]}`))
	f.Add(byte(2), []byte(`<ListQueuesResponse><ListQueuesResult><QueueUrl>&#xD;</QueueUrl></ListQueuesResult></ListQueuesResponse>`))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		a := actions[int(which)%len(actions)]
		DecodeXML(body, a.newOut())
		DecodeXMLError(body)
		DecodeJSONError(body, string(body))
		v := a.newOut()
		if DecodeJSON(body, v) != nil {
			return
		}
		first, again := AppendXML(nil, a.name, v, "ID"), a.newOut()
		if id, err := DecodeXML(first, again); err != nil || id != "ID" {
			t.Fatalf("%s: id %q, %v", first, id, err)
		}
		if second := AppendXML(nil, a.name, again, "ID"); !bytes.Equal(first, second) {
			t.Errorf("first  %s\nsecond %s", first, second)
		}
	})
}
