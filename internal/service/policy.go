package service

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// policyDocument is a queue's Policy as AddPermission and RemovePermission edit it: its members stay in their order,
// and what they do not touch stays as it was written.
type policyDocument struct {
	names      []string
	values     map[string]json.RawMessage
	statements []json.RawMessage
}

// policyVersion is the one that AWS writes, though a newer one exists (recorded).
const policyVersion = "2008-10-17"

// newPolicy is the policy that the first permission of a queue makes.
func newPolicy(k engine.Key) *policyDocument {
	p := &policyDocument{values: map[string]json.RawMessage{}}
	p.set("Version", compact(policyVersion))
	p.set("Id", compact(k.ARN()+"/SQSDefaultPolicy"))
	return p
}

// readPolicy takes a stored policy apart. A client can have stored any JSON object; what has no statements that could be
// edited is refused.
func readPolicy(text string) (*policyDocument, error) {
	p := &policyDocument{values: map[string]json.RawMessage{}}
	d := json.NewDecoder(strings.NewReader(text))
	if _, err := d.Token(); err != nil { // the opening brace: checkAttributes let objects in and nothing else
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		p.set(name.(string), string(value))
	}
	switch raw := string(p.values["Statement"]); {
	case raw == "":
	case raw[0] == '{': // a single statement needs no list
		p.statements = []json.RawMessage{json.RawMessage(raw)}
	case json.Unmarshal([]byte(raw), &p.statements) != nil:
		return nil, api.PolicyIsNotForLabels.New()
	}
	return p, nil
}

func (p *policyDocument) set(name, value string) {
	if _, has := p.values[name]; !has {
		p.names = append(p.names, name)
	}
	p.values[name] = json.RawMessage(value)
}

// text writes the policy down.
func (p *policyDocument) text() string {
	p.set("Statement", compact(p.statements))
	var b strings.Builder
	for i, name := range p.names {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		b.WriteByte(separator)
		b.WriteString(compact(name) + ":" + compact(p.values[name]))
	}
	return b.String() + "}"
}

// labelled reports whether a statement has the label. One whose Sid is no string has none.
func labelled(statement json.RawMessage, label string) bool {
	var s struct{ Sid string }
	return json.Unmarshal(statement, &s) == nil && s.Sid == label
}

func (p *policyDocument) has(label string) bool {
	return slices.ContainsFunc(p.statements, func(s json.RawMessage) bool { return labelled(s, label) })
}

// permission is a statement as AddPermission writes it, its members in AWS's order. A single account or action is a
// string, several are a list (recorded).
type permission struct {
	Sid       string
	Effect    string
	Principal struct {
		AWS any
	}
	Action   any
	Resource string
}

func (p *policyDocument) add(k engine.Key, label string, accounts, actions []string) {
	s := permission{Sid: label, Effect: "Allow", Resource: k.ARN()}
	partition := strings.Split(s.Resource, ":")[1]
	s.Principal.AWS = oneOrMany(accounts, "arn:"+partition+":iam::", ":root")
	s.Action = oneOrMany(actions, "SQS:", "")
	p.statements = append(p.statements, json.RawMessage(compact(s)))
}

// oneOrMany frames each of list, drops repetitions, and returns a string or several.
func oneOrMany(list []string, prefix, suffix string) any {
	var framed []string
	for _, s := range list {
		if s = prefix + s + suffix; !slices.Contains(framed, s) {
			framed = append(framed, s)
		}
	}
	if len(framed) == 1 {
		return framed[0]
	}
	return framed
}
