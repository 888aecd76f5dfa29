package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/go-json-experiment/json/jsontext"
)

const benchURL = "http://localhost:9324/000000000000/orders"

var benchBody = strings.Repeat(`{"order": 12345}, `, 11) + "ok" // 200 bytes, with quotes as bodies have

func benchSend() *api.SendMessageInput {
	return &api.SendMessageInput{QueueURL: benchURL, MessageBody: benchBody}
}

func benchBatch() *api.SendMessageBatchInput {
	in := &api.SendMessageBatchInput{QueueURL: benchURL}
	for i := range 10 {
		in.Entries = append(in.Entries, api.SendMessageEntry{ID: fmt.Sprint(i), MessageBody: benchBody})
	}
	return in
}

func benchReceive() *api.ReceiveMessageOutput {
	out := &api.ReceiveMessageOutput{}
	for range 10 {
		out.Messages = append(out.Messages, api.Message{MessageID: "4c360f3f-dafd-470e-85fa-e2f149d997f5",
			ReceiptHandle: strings.Repeat("AQEB", 40), MD5OfBody: "5d41402abc4b2a76b9719d911017c592", Body: benchBody})
	}
	return out
}

func BenchmarkDecodeJSON(b *testing.B) {
	attributed := benchSend()
	attributed.MessageAttributes = receiveSample.Messages[0].MessageAttributes
	b.Run("SendMessage", func(b *testing.B) { decodeJSON[api.SendMessageInput](b, benchSend()) })
	b.Run("SendMessagePlain", func(b *testing.B) { // no quotes in the body
		decodeJSON[api.SendMessageInput](b, &api.SendMessageInput{QueueURL: benchURL, MessageBody: strings.Repeat("AQEB", 50)})
	})
	b.Run("SendMessageWithAttributes", func(b *testing.B) { decodeJSON[api.SendMessageInput](b, attributed) })
	b.Run("SendMessageBatch", func(b *testing.B) { decodeJSON[api.SendMessageBatchInput](b, benchBatch()) })
	b.Run("ReceiveMessageOutput", func(b *testing.B) { decodeJSON[api.ReceiveMessageOutput](b, benchReceive()) })
}

// The baseline: what the standard library takes for the same body in the same run.
func BenchmarkEncodingJSON(b *testing.B) {
	body := AppendJSON(nil, benchSend())
	b.ReportAllocs()
	for b.Loop() {
		var into struct {
			QueueURL    string `json:"QueueUrl"`
			MessageBody string
		}
		if err := json.Unmarshal(body, &into); err != nil {
			b.Fatal(err)
		}
	}
}

func decodeJSON[T any](b *testing.B, v *T) {
	body := AppendJSON(nil, v)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var into T
		if err := DecodeJSON(body, &into); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeQuery(b *testing.B) {
	b.Run("SendMessage", func(b *testing.B) { decodeQuery[api.SendMessageInput](b, "SendMessage", benchSend()) })
	b.Run("SendMessageBatch", func(b *testing.B) {
		decodeQuery[api.SendMessageBatchInput](b, "SendMessageBatch", benchBatch())
	})
}

func decodeQuery[T any](b *testing.B, action string, v *T) {
	body := string(AppendQuery(nil, action, v))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var into T
		var p Params
		if err := p.Add(body); err != nil {
			b.Fatal(err)
		}
		if err := DecodeQuery(&p, &into); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	send := &api.SendMessageOutput{MD5OfMessageBody: "5d41402abc4b2a76b9719d911017c592", MessageID: "4c360f3f-dafd-470e-85fa-e2f149d997f5"}
	receive := benchReceive()
	encode := func(name string, f func(dst []byte) []byte) {
		b.Run(name, func(b *testing.B) {
			dst := f(nil)
			b.SetBytes(int64(len(dst)))
			b.ReportAllocs()
			for b.Loop() {
				dst = f(dst[:0])
			}
		})
	}
	encode("JSON/SendMessage", func(dst []byte) []byte { return AppendJSON(dst, send) })
	encode("JSON/ReceiveMessage", func(dst []byte) []byte { return AppendJSON(dst, receive) })
	encode("XML/SendMessage", func(dst []byte) []byte { return AppendXML(dst, "SendMessage", send, "ID") })
	encode("XML/ReceiveMessage", func(dst []byte) []byte { return AppendXML(dst, "ReceiveMessage", receive, "ID") })
	encode("Query/SendMessage", func(dst []byte) []byte { return AppendQuery(dst, "SendMessage", benchSend()) })
}

func BenchmarkDecodeXML(b *testing.B) {
	body := AppendXML(nil, "ReceiveMessage", benchReceive(), "ID")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var out api.ReceiveMessageOutput
		if _, err := DecodeXML(body, &out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMD5(b *testing.B) {
	attrs := receiveSample.Messages[0].MessageAttributes
	b.Run("Body", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			BodyMD5(benchBody)
		}
	})
	b.Run("Attributes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			AttributesMD5(attrs)
		}
	})
}

func BenchmarkAppendJSONString(b *testing.B) {
	for name, s := range map[string]string{"plain": strings.Repeat("AQEB", 50), "quotes": benchBody} {
		b.Run(name+"/ours", func(b *testing.B) {
			dst := []byte{}
			for b.Loop() {
				dst = appendJSONString(dst[:0], s)
			}
		})
		b.Run(name+"/jsontext", func(b *testing.B) {
			dst := []byte{}
			for b.Loop() {
				dst, _ = jsontext.AppendQuote(dst[:0], s)
			}
		})
	}
}
