package otelsqs

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Options say where spans go, and how their contexts travel. The zero value means the defaults.
type Options struct {
	// TracerProvider makes the tracer. Default: the global one, as it is when Wrap is called.
	TracerProvider trace.TracerProvider
	// Propagator writes a context into the attributes of a message, and reads it from there. Default: the global one, or
	// W3C Trace Context if none was set.
	Propagator propagation.TextMapPropagator
}

// WithTracerProvider sets Options.TracerProvider.
func WithTracerProvider(p trace.TracerProvider) func(*Options) {
	return func(o *Options) { o.TracerProvider = p }
}

// WithPropagator sets Options.Propagator.
func WithPropagator(p propagation.TextMapPropagator) func(*Options) {
	return func(o *Options) { o.Propagator = p }
}

func (o Options) withDefaults() Options {
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.Propagator == nil {
		o.Propagator = otel.GetTextMapPropagator()
	}
	if len(o.Propagator.Fields()) == 0 { // OpenTelemetry's own default carries nothing
		o.Propagator = propagation.TraceContext{}
	}
	return o
}
