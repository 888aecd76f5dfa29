package otelsqs

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/propagation"

	"github.com/bufeomq/bufeo/sqs"
)

// maxAttributes is how many attributes SQS lets a message have.
const maxAttributes = 10

// traceparent is the attribute that makes a trace; all others add to it.
const traceparent = "traceparent"

// inject returns attributes with those added that carry the context in ctx, as far as there is room. The caller's map may
// belong to other messages, too, and stays as it is. What an earlier send has added is replaced.
func inject(ctx context.Context, p propagation.TextMapPropagator, attributes map[string]sqs.MessageAttribute) map[string]sqs.MessageAttribute {
	carried := propagation.MapCarrier{}
	p.Inject(ctx, carried)
	all := maps.Clone(attributes)
	for _, name := range p.Fields() {
		delete(all, name)
	}
	for _, name := range slices.SortedFunc(maps.Keys(carried), importance) {
		if carried[name] == "" || len(all) >= maxAttributes { // SQS takes no empty values
			continue
		}
		if all == nil {
			all = map[string]sqs.MessageAttribute{}
		}
		all[name] = sqs.StringAttribute(carried[name])
	}
	return all
}

func importance(a, b string) int {
	rank := func(name string) int {
		if name == traceparent {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// attributeCarrier reads what inject wrote.
type attributeCarrier map[string]sqs.MessageAttribute

var _ propagation.TextMapCarrier = attributeCarrier{}

func (c attributeCarrier) Get(key string) string        { return c[key].String }
func (c attributeCarrier) Set(key string, value string) { c[key] = sqs.StringAttribute(value) }
func (c attributeCarrier) Keys() []string               { return slices.Collect(maps.Keys(c)) }
