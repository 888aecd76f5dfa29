package service

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// shape turns a delivery into the message of an answer, with the attributes that were asked for.
func shape(d *engine.Delivery, system systemFilter, user attributeFilter) api.Message {
	as := user.pick(d.Attributes)
	return api.Message{
		Attributes:             system.pick(d),
		Body:                   d.Body,
		MD5OfBody:              hex.EncodeToString(d.BodyMD5[:]),
		MD5OfMessageAttributes: attributesMD5(as),
		MessageAttributes:      as,
		MessageID:              engine.FormatID(d.ID),
		ReceiptHandle:          d.Handle,
	}
}

// systemNames are the system attributes that a message can have, in the order in which they are sent.
var systemNames = [...]string{
	api.AWSTraceHeader,
	api.ApproximateFirstReceiveTimestamp,
	api.ApproximateReceiveCount,
	api.DeadLetterQueueSourceArn,
	api.MessageDeduplicationID,
	api.MessageGroupID,
	api.SenderID,
	api.SentTimestamp,
	api.SequenceNumber,
}

// systemFilter is which of systemNames a receive asks for.
type systemFilter [len(systemNames)]bool

// newSystemFilter takes the union of lists, each of which may say All. Names that do not exist are ignored (recorded).
func newSystemFilter(lists ...[]string) (f systemFilter) {
	for _, list := range lists {
		for _, asked := range list {
			for i, name := range systemNames {
				f[i] = f[i] || asked == name || asked == api.All
			}
		}
	}
	return f
}

// pick returns the system attributes of a delivery that were asked for and that it has.
func (f systemFilter) pick(d *engine.Delivery) api.Attributes {
	if f == (systemFilter{}) {
		return nil
	}
	values := [len(systemNames)]string{
		d.TraceHeader,
		strconv.FormatInt(d.FirstReceive, 10),
		strconv.Itoa(d.ReceiveCount),
		d.SourceARN,
		d.DeduplicationID,
		d.GroupID,
		d.SenderID,
		strconv.FormatInt(d.SentAt, 10),
		d.SequenceNumber,
	}
	picked := make(api.Attributes, 0, len(systemNames))
	for i, name := range systemNames {
		if f[i] && values[i] != "" {
			picked = append(picked, api.Attribute{Name: name, Value: values[i]})
		}
	}
	return picked
}

// attributeFilter is the message attributes that a receive asks for: names, prefixes written as prefix.*, or all of
// them, for which All, .* and * stand alike (recorded). The prefix is what precedes .*, with no dot of its own: col.*
// finds color. Names that no attribute can have find nothing and are no fault.
type attributeFilter struct {
	all      bool
	names    []string
	prefixes []string
}

func newAttributeFilter(asked []string) (f attributeFilter) {
	for _, a := range asked {
		if prefix, ok := strings.CutSuffix(a, ".*"); ok && prefix != "" {
			f.prefixes = append(f.prefixes, prefix)
			continue
		}
		f.all = f.all || a == api.All || a == ".*" || a == "*"
	}
	f.names = asked
	return f
}

// pick returns those of as that were asked for. The result shares memory with as: it is not to be changed.
func (f attributeFilter) pick(as []api.MessageAttribute) (picked []api.MessageAttribute) {
	if f.all {
		return as
	}
	for _, a := range as {
		if slices.Contains(f.names, a.Name) || slices.ContainsFunc(f.prefixes, func(p string) bool { return strings.HasPrefix(a.Name, p) }) {
			picked = append(picked, a)
		}
	}
	return picked
}
