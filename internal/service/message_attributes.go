package service

import (
	"slices"
	"strings"
	"unicode"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
)

// checkMessageAttributes applies the rules for the attributes of one message and brings them into canonical form:
// sorted by name, with the value that the type calls for and no other.
//
// Order: number of attributes; then for each in order of the request its name, its type, its value; duplicates last of
// a name's rules. AWS's order between them is not recorded.
func checkMessageAttributes(action string, as []api.MessageAttribute) error {
	if len(as) > api.MaxMessageAttributes {
		return api.TooManyMessageAttributes.New(len(as))
	}
	for i := range as {
		if err := checkAttributeName(as[i].Name); err != nil {
			return err
		}
		if slices.ContainsFunc(as[:i], func(a api.MessageAttribute) bool { return a.Name == as[i].Name }) {
			return api.DuplicateAttributeName.New(as[i].Name)
		}
		if err := checkAttributeValue(action, &as[i]); err != nil {
			return err
		}
	}
	slices.SortFunc(as, func(a, b api.MessageAttribute) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// checkAttributeName admits letters of any script: AWS documents ASCII and accepts attr.1øßä (recorded). Two dots in a
// row are documented as forbidden, and accepted.
func checkAttributeName(name string) error {
	if name == "" {
		return api.EmptyAttributeName.New()
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' && r != '-' {
			return api.InvalidAttributeNameText.New()
		}
	}
	if len(name) > api.MaxAttributeName {
		return api.AttributeNameTooLong.New()
	}
	lower := strings.ToLower(name)
	if strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") || name[0] == '.' || name[len(name)-1] == '.' {
		return api.ReservedAttributeName.New()
	}
	return nil
}

// checkAttributeValue checks type and value of an attribute whose name is in order.
func checkAttributeValue(action string, a *api.MessageAttribute) error {
	v := &a.Value
	if len(v.DataType) > api.MaxAttributeName {
		return api.AttributeTypeTooLong.New()
	}
	base, label, labelled := strings.Cut(v.DataType, ".")
	if labelled && !validText(label) {
		return api.InvalidAttributeType.New(a.Name)
	}
	if len(v.StringListValues) > 0 || len(v.BinaryListValues) > 0 {
		return api.AttributeListValues.New(action)
	}
	switch base {
	case "String", "Number":
		v.BinaryValue = nil
		return checkStringValue(a, base)
	case "Binary":
		v.StringValue = ""
		if len(v.BinaryValue) == 0 {
			return api.EmptyAttributeValue.New(a.Name, v.DataType)
		}
		return nil
	}
	return api.InvalidAttributeType.New(a.Name)
}

func checkStringValue(a *api.MessageAttribute, base string) error {
	v := &a.Value
	if v.StringValue == "" {
		return api.EmptyAttributeValue.New(a.Name, v.DataType)
	}
	if !validText(v.StringValue) {
		return api.InvalidAttributeText.New(a.Name)
	}
	if base == "Number" && !validNumber(v.StringValue) {
		return api.AttributeNotANumber.New(a.Name)
	}
	return nil
}

// checkSystemAttributes admits AWSTraceHeader, once, as a String. After it, as has at most one element.
func checkSystemAttributes(action string, as []api.MessageAttribute) error {
	for i := range as {
		a := &as[i]
		if a.Name != api.AWSTraceHeader {
			return api.InvalidSystemAttribute.New(clip(a.Name))
		}
		if i > 0 {
			return api.DuplicateAttributeName.New(a.Name)
		}
		if err := checkAttributeValue(action, a); err != nil {
			return err
		}
		if a.Value.DataType != "String" {
			return api.InvalidAttributeType.New(a.Name)
		}
		if len(a.Value.StringValue) > api.MaxTraceHeader {
			return api.TraceHeaderTooLong.New(api.MaxTraceHeader)
		}
	}
	return nil
}

// attributesMD5 is the digest of attributes, and "" without any: the member is left out then.
func attributesMD5(as []api.MessageAttribute) string {
	if len(as) == 0 {
		return ""
	}
	return wire.AttributesMD5(as)
}
