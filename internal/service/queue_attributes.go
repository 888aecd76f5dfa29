package service

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// checkAttributes checks the attributes of CreateQueue and SetQueueAttributes for the queue k, in the order of the
// request, and returns them in canonical form: integers decimal, booleans in lower case, redrive policies compact, ""
// for an attribute to unset.
//
//   - an unknown name, All and the read-only ones: "Unknown Attribute X."
//   - on a standard queue, FifoQueue (even "false") and ContentBasedDeduplication: the same; DeduplicationScope and
//     FifoThroughputLimit: "You can specify the X only when FifoQueue is set to true." All of it is recorded.
//   - on a FIFO queue FifoQueue=true changes nothing; false is refused in words of its own (recorded).
//
// What depends on attributes that are not in the request is left to change, which sees the queue as it is.
func (s *Service) checkAttributes(k engine.Key, fifo bool, as api.Attributes) (api.Attributes, error) {
	canonical := make(api.Attributes, 0, len(as))
	for _, a := range as {
		row := api.QueueAttributeNamed(a.Name)
		switch {
		case row == nil, row.Kind == api.ReadOnlyAttribute:
			return nil, api.UnknownAttribute.New(clip(a.Name))
		case row.FIFO && !fifo && row.Kind == api.BooleanAttribute:
			return nil, api.UnknownAttribute.New(a.Name)
		case row.FIFO && !fifo:
			return nil, api.FIFOAttribute.New(a.Name)
		}
		value, err := s.canonicalValue(k, row, a.Value)
		if err != nil {
			return nil, err
		}
		canonical = append(canonical, api.Attribute{Name: a.Name, Value: value})
	}
	key, _ := canonical.Get(api.KmsMasterKeyID)
	managed, _ := canonical.Get(api.SqsManagedSseEnabled)
	if key != "" && managed == "true" {
		return nil, api.TwoEncryptions.New()
	}
	return canonical, nil
}

// canonicalValue returns the form in which a value is stored and echoed.
func (s *Service) canonicalValue(k engine.Key, row *api.QueueAttribute, value string) (string, error) {
	switch {
	case row.Name == api.RedrivePolicy && value != "":
		return s.checkRedrivePolicy(k, value)
	case row.Name == api.RedriveAllowPolicy && value != "":
		return checkRedriveAllowPolicy(value)
	}
	canonical, ok := plainValue(row, value)
	switch {
	case !ok:
		return "", api.InvalidAttributeValue.New(row.Name)
	case row.Name == api.FifoQueue && canonical == "false":
		return "", api.QueueTypeIsFixed.New()
	}
	return canonical, nil
}

// plainValue is canonicalValue for the attributes whose value speaks for itself. ok reports whether it is legal.
func plainValue(row *api.QueueAttribute, value string) (canonical string, ok bool) {
	switch row.Kind {
	case api.IntegerAttribute:
		n, err := strconv.Atoi(value)
		return strconv.Itoa(n), err == nil && n >= row.Min && n <= row.Max
	case api.BooleanAttribute:
		lower := strings.ToLower(value)
		return lower, lower == "true" || lower == "false"
	case api.ChoiceAttribute:
		return value, slices.Contains(row.Choices, value)
	case api.PolicyAttribute:
		return value, value == "" || len(value) <= api.MaxPolicyBytes && validText(value) && isObject(value)
	}
	return value, validText(value) && utf8.RuneCountInString(value) <= api.MaxKeyID
}

// isObject reports whether s is a JSON object.
func isObject(s string) bool {
	return strings.HasPrefix(strings.TrimLeft(s, " \t\r\n"), "{") && json.Valid([]byte(s))
}

// change returns d with the canonical attributes of a request, or the fault that they make together with those that it
// has.
//
//   - A KMS key turns off SqsManagedSseEnabled, and taking the key away does not turn it on again (recorded). Turning it
//     on takes the key away: there can be one of them at a time.
//   - FifoThroughputLimit=perMessageGroupId needs DeduplicationScope=messageGroup (AWS API reference).
func change(d engine.Definition, asked api.Attributes) (engine.Definition, error) {
	changed := merge(d, asked)
	key, _ := asked.Get(api.KmsMasterKeyID)
	managed, _ := asked.Get(api.SqsManagedSseEnabled)
	switch {
	case key != "":
		changed = merge(changed, api.Attributes{{Name: api.SqsManagedSseEnabled, Value: "false"}})
	case managed == "true":
		changed = merge(changed, api.Attributes{{Name: api.KmsMasterKeyID}})
	}
	limit, _ := changed.Attributes.Get(api.FifoThroughputLimit)
	scope, _ := changed.Attributes.Get(api.DeduplicationScope)
	if limit == api.LimitPerMessageGroup && scope != api.ScopeMessageGroup {
		return d, api.InvalidAttributeValue.New(api.FifoThroughputLimit)
	}
	return changed, nil
}

// merge returns d with attributes set, those with an empty value unset. d itself stays as it is.
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

// isFIFO reports whether a queue is a FIFO queue. That never changes.
func isFIFO(d engine.Definition) bool {
	v, _ := d.Attributes.Get(api.FifoQueue)
	return v == "true"
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
