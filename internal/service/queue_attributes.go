package service

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// checkAttributes checks the attributes of CreateQueue and SetQueueAttributes, in the order of the request, and
// returns them in canonical form: integers decimal, booleans in lower case, "" for an attribute to unset. Queues are
// standard queues, so AWS's answers for those apply to the attributes of FIFO queues:
//
//   - an unknown name, All and the read-only ones: "Unknown Attribute X."
//   - FifoQueue (even "false") and ContentBasedDeduplication: the same; DeduplicationScope and FifoThroughputLimit:
//     "You can specify the X only when FifoQueue is set to true."
//   - what SQS knows and bufeo does not do yet is refused by name. Unsetting it with "" is no change, so it succeeds
//     and leaves no trace: deployment tools send that for their defaults.
func checkAttributes(as api.Attributes) (api.Attributes, error) {
	canonical := make(api.Attributes, 0, len(as))
	for _, a := range as {
		row := api.QueueAttributeNamed(a.Name)
		switch {
		case row == nil, row.Kind == api.ReadOnlyAttribute:
			return nil, api.UnknownAttribute.New(clip(a.Name))
		case row.FIFO && (row.Kind == api.BooleanAttribute):
			return nil, api.UnknownAttribute.New(a.Name)
		case row.FIFO:
			return nil, api.FIFOAttribute.New(a.Name)
		case row.Later && a.Value == "" && (row.Kind == api.PolicyAttribute || row.Kind == api.TextAttribute):
			continue
		case row.Later:
			return nil, api.UnsupportedAttribute.New(a.Name)
		}
		value, ok := canonicalValue(row, a.Value)
		if !ok {
			return nil, api.InvalidAttributeValue.New(a.Name)
		}
		canonical = append(canonical, api.Attribute{Name: a.Name, Value: value})
	}
	return canonical, nil
}

// canonicalValue returns the form in which a value is stored and echoed, and whether the value is legal.
func canonicalValue(row *api.QueueAttribute, value string) (string, bool) {
	switch row.Kind {
	case api.IntegerAttribute:
		n, err := strconv.Atoi(value)
		return strconv.Itoa(n), err == nil && n >= row.Min && n <= row.Max
	case api.BooleanAttribute:
		lower := strings.ToLower(value)
		return lower, lower == "true" || lower == "false"
	case api.PolicyAttribute:
		return value, value == "" || len(value) <= api.MaxPolicyBytes && validText(value) && isObject(value)
	}
	return value, validText(value)
}

// isObject reports whether s is a JSON object.
func isObject(s string) bool {
	return strings.HasPrefix(strings.TrimLeft(s, " \t\r\n"), "{") && json.Valid([]byte(s))
}

// merge returns d with the canonical attributes set, those with an empty value unset. d itself stays as it is.
func merge(d engine.Definition, as api.Attributes) engine.Definition {
	merged := slices.Clone(d.Attributes)
	for _, a := range as {
		merged = slices.DeleteFunc(merged, func(b api.Attribute) bool { return b.Name == a.Name })
		if a.Value != "" {
			merged = append(merged, a)
		}
	}
	slices.SortFunc(merged, func(a, b api.Attribute) int { return strings.Compare(a.Name, b.Name) })
	d.Attributes = merged
	return d
}

// current is the value of a queue's attribute: what was set, else the default.
func current(d engine.Definition, row *api.QueueAttribute) string {
	if v, ok := d.Attributes.Get(row.Name); ok {
		return v
	}
	return row.Default
}

// integer is the value of an integer attribute that every queue has.
func integer(d engine.Definition, name string) int {
	n, err := strconv.Atoi(current(d, api.QueueAttributeNamed(name)))
	if err != nil {
		panic("service: stored attribute is no integer: " + name) // checkAttributes let it in
	}
	return n
}

// sameValue compares a canonical value with the current one; documents are compared as JSON, not as text.
func sameValue(row *api.QueueAttribute, a, b string) bool {
	if a == b || row.Kind != api.PolicyAttribute {
		return a == b
	}
	x, errX := decode(a)
	y, errY := decode(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

func decode(document string) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(document)))
	d.UseNumber() // account ids as numbers do not fit a float64
	err = d.Decode(&v)
	return v, err
}
