package sqs

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
)

// Record is a message as a line of JSON has it: the shape of a message in SQS's own JSON protocol and in the output of
// the AWS CLI, without what belongs to one delivery (receipt handle, digests). Nothing that SQS tells of a message is
// missing, and the body is the text that the queue has, whatever its message class.
type Record struct {
	MessageID string `json:"MessageId,omitempty"`
	Body      string
	// Attributes are the system attributes, such as SentTimestamp and MessageGroupId.
	Attributes        Attributes                 `json:",omitempty"`
	MessageAttributes map[string]RecordAttribute `json:",omitempty"`
}

// RecordAttribute is a message attribute in a Record.
type RecordAttribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"` // in base64
}

// RecordOf returns the record of a message that was read. What the read did not ask for is not in it.
func RecordOf[T any](m *MessageOf[T]) Record {
	r := Record{MessageID: m.ID, Body: m.stored, Attributes: maps.Clone(m.Attributes)}
	for name, a := range m.MessageAttributes {
		if r.MessageAttributes == nil {
			r.MessageAttributes = map[string]RecordAttribute{}
		}
		r.MessageAttributes[name] = RecordAttribute{DataType: a.DataType, StringValue: a.String, BinaryValue: a.Binary}
	}
	return r
}

// ParseRecord reads a line of JSON. Members that it does not know are ignored, so that it also reads the messages in the
// output of other tools. It fails for what is no JSON object, and for one without a Body.
func ParseRecord(line []byte) (*Record, error) {
	var r struct {
		Record
		Body *string // hides Record's
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	if r.Body == nil {
		return nil, errors.New("it has no Body")
	}
	r.Record.Body = *r.Body
	return &r.Record, nil
}

// AppendJSON appends the record as one line, with its end.
func (r *Record) AppendJSON(dst []byte) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false) // bodies are often XML
	err := e.Encode(r)
	return b.Bytes(), err
}

// Message returns a message that can be written, to a queue whose codec is RawMessage: the body is the stored text. It has
// the record's group, deduplication id and trace header.
func (r *Record) Message() *Message {
	m := &Message{
		Body:            r.Body,
		GroupID:         r.Attributes[SystemAttributeGroupID],
		DeduplicationID: r.Attributes[SystemAttributeDeduplicationID],
		TraceHeader:     r.Attributes[SystemAttributeTraceHeader],
	}
	for name, a := range r.MessageAttributes {
		if m.MessageAttributes == nil {
			m.MessageAttributes = map[string]MessageAttribute{}
		}
		m.MessageAttributes[name] = MessageAttribute{DataType: a.DataType, String: a.StringValue, Binary: a.BinaryValue}
	}
	return m
}
