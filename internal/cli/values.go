package cli

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/bufeomq/bufeo/sqs"
)

// oneOf is a flag that takes one of a few words.
type oneOf struct {
	value string
	words []string
	kind  string
}

var _ pflag.Value = (*oneOf)(nil)

func (o *oneOf) String() string { return o.value }

// Set takes one of the words.
func (o *oneOf) Set(v string) error {
	if !slices.Contains(o.words, v) {
		last := len(o.words) - 1
		return errors.New("want " + strings.Join(o.words[:last], ", ") + " or " + o.words[last])
	}
	o.value = v
	return nil
}

// Type is how help texts name the value.
func (o *oneOf) Type() string { return o.kind }

// span is a flag that takes a duration, as Go writes them or, as SQS does, in seconds. It knows whether it was given,
// since zero is not the same as nothing.
type span struct{ d *time.Duration }

var _ pflag.Value = (*span)(nil)

func addSpan(flags *pflag.FlagSet, name, help string) *span {
	s := &span{}
	flags.Var(s, name, help)
	return s
}

func (s *span) String() string {
	if s.d == nil {
		return ""
	}
	return s.d.String()
}

// Set takes 90, 90s and 1m30s for the same.
func (s *span) Set(v string) error {
	d, err := time.ParseDuration(v)
	if n, numErr := strconv.Atoi(v); numErr == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || d < 0 {
		return errors.New("want a duration such as 30, 90s or 1h30m")
	}
	s.d = &d
	return nil
}

// Type is how help texts name the value.
func (s *span) Type() string { return "DURATION" }

// addClass declares how bodies are stored.
func addClass(flags *pflag.FlagSet) *oneOf {
	o := &oneOf{value: "raw", words: []string{"raw", "boto"}, kind: "CLASS"}
	flags.Var(o, "class", "how bodies are stored: raw, as they are, or boto, in base64 as boto's Message does")
	return o
}

// classed is the queue with bodies of the class.
func classed(q *sqs.Queue, class *oneOf) *sqs.Queue {
	if class.value == "boto" {
		return sqs.As(q, sqs.Base64Message{})
	}
	return q
}
