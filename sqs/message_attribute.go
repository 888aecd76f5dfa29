package sqs

import (
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// MessageAttribute is a typed value that travels beside the body. DataType is String, Number or Binary, and may carry a
// type of the program's own after a dot, such as Number.int.
type MessageAttribute struct {
	DataType string
	String   string // for the types String and Number
	Binary   []byte // for the type Binary
}

// StringAttribute returns an attribute of type String. SQS takes no empty value.
func StringAttribute(value string) MessageAttribute {
	return MessageAttribute{DataType: "String", String: value}
}

// NumberAttribute returns an attribute of type Number. The number is given as text: SQS carries up to 38 digits.
func NumberAttribute(value string) MessageAttribute {
	return MessageAttribute{DataType: "Number", String: value}
}

// BinaryAttribute returns an attribute of type Binary. It keeps value. boto's callers had to encode it themselves.
func BinaryAttribute(value []byte) MessageAttribute {
	return MessageAttribute{DataType: "Binary", Binary: value}
}

// wireAttributes returns the attributes by name, as boto sent them.
func wireAttributes(attributes map[string]MessageAttribute) []api.MessageAttribute {
	if len(attributes) == 0 {
		return nil
	}
	list := make([]api.MessageAttribute, 0, len(attributes))
	for name, a := range attributes {
		value := api.MessageAttributeValue{DataType: a.DataType, StringValue: a.String, BinaryValue: a.Binary}
		list = append(list, api.MessageAttribute{Name: name, Value: value})
	}
	slices.SortFunc(list, func(a, b api.MessageAttribute) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func attributesOfMessage(list []api.MessageAttribute) map[string]MessageAttribute {
	if len(list) == 0 {
		return nil
	}
	attributes := make(map[string]MessageAttribute, len(list))
	for _, a := range list {
		attributes[a.Name] = MessageAttribute{DataType: a.Value.DataType, String: a.Value.StringValue, Binary: a.Value.BinaryValue}
	}
	return attributes
}

// traceAttribute is the one system attribute that can be sent.
func traceAttribute(header string) []api.MessageAttribute {
	if header == "" {
		return nil
	}
	return []api.MessageAttribute{{
		Name:  api.AWSTraceHeader,
		Value: api.MessageAttributeValue{DataType: "String", StringValue: header},
	}}
}
