package declare

import (
	"errors"
	"testing"
)

// FuzzParse: no file is too odd to be refused with lines that it has, or else to be planned: what SQS takes in the
// rehearsal, the engine has understood.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"queues:\n- name: a\n  attributes: {DelaySeconds: 1}\n  deadLetter: {queue: b, maxReceiveCount: 2}\n  tags: {k: v}\n- b\n",
		"x-base: &base {attributes: {VisibilityTimeout: 1}}\nqueues:\n- {<<: *base, name: a.fifo, region: eu-west-1}\n",
		"queues: [a, a, {name: b, account: \"1\"}, [], {name: *nowhere}]\n", "a: &a {<<: *a}\nqueues: [*a]\n", "queues:\n  - ? [1]\n  : x\n", "---\n---\n", "\x00",
		"queues: [{name: a, attributes: {RedrivePolicy: {deadLetterTargetArn: \"arn:aws:sqs:us-east-1:000000000000:a\", maxReceiveCount: 1}, Policy: [1]}}]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := Parse("queues.yaml", text, Defaults{Account: "000000000000", Region: "us-east-1"})
		for _, p := range file.problems {
			if p.Line < 1 {
				t.Errorf("a problem is in line %d: %s", p.Line, p.Text)
			}
		}
		_, err := NewPlan(t.Context(), file, None)
		if _, ok := errors.AsType[Problems](err); err != nil && !ok {
			t.Errorf("cannot be planned: %v", err)
		}
	})
}
