package declare

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

// pair is one entry of a mapping.
type pair struct {
	name  string
	line  int
	value *yaml.Node
}

var syntaxForm = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// document returns the content of a YAML text, nil if it has none.
func (r *report) document(text []byte) *yaml.Node {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) {
			r.syntax(err)
		}
		return nil
	}
	if err := d.Decode(&more); err == nil {
		r.at(more.Line, "there is a second document; put everything into one")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	return doc.Content[0]
}

// syntax reports an error of the parser, which has its line in its text only.
func (r *report) syntax(err error) {
	line, text := 1, err.Error()
	if m := syntaxForm.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	r.at(line, "this is no YAML: %s", text)
}

// maxMerges bounds mappings that are merged into mappings that are merged: an anchor can stand within itself.
const maxMerges = 10

// pairs returns the entries of a mapping. what names it in messages. Merged mappings (<<: *name) count as written out;
// the mapping's own entries win. Anything but a mapping is reported; a value that is left out is an empty mapping.
func (r *report) pairs(what string, n *yaml.Node) []pair {
	return r.pairsTo(what, n, maxMerges)
}

func (r *report) pairsTo(what string, n *yaml.Node, depth int) (ps []pair) {
	at := n.Line
	n = resolve(n)
	if isNull(n) {
		return nil
	}
	if depth == 0 {
		r.at(at, "%s is merged from too many mappings; does one of them merge itself?", what)
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.at(at, "%s is %s, want a mapping", what, kindOf(n))
		return nil
	}
	lines := map[string]int{}
	var merged []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, r.merged(what, value, depth-1)...)
			continue
		}
		if key = resolve(key); key.Kind != yaml.ScalarNode {
			r.at(n.Content[i].Line, "%s has a name that is %s, want text", what, kindOf(key))
			continue
		}
		if first := lines[key.Value]; first != 0 {
			r.at(key.Line, "%s has %s twice, first in line %d", what, key.Value, first)
			continue
		}
		lines[key.Value] = key.Line
		ps = append(ps, pair{key.Value, key.Line, value})
	}
	for _, p := range merged {
		if lines[p.name] == 0 {
			lines[p.name] = p.line
			ps = append(ps, p)
		}
	}
	return ps
}

// merged returns the entries of a mapping, or of each of a list of them.
func (r *report) merged(what string, n *yaml.Node, depth int) (ps []pair) {
	if list := resolve(n); list.Kind == yaml.SequenceNode {
		for _, item := range list.Content {
			ps = append(ps, r.pairsTo(what, item, depth)...)
		}
		return ps
	}
	return r.pairsTo(what, n, depth)
}

// text returns the text of a scalar as it is written: 30 and "30" are the same here, since SQS carries all values as
// strings.
func (r *report) text(what string, n *yaml.Node) (string, bool) {
	at := n.Line
	n = resolve(n)
	switch {
	case isNull(n):
		r.at(at, `%s has no value; if it is to be empty, write ""`, what)
		return "", false
	case n.Kind != yaml.ScalarNode:
		r.at(at, "%s is %s, want text", what, kindOf(n))
		return "", false
	}
	return n.Value, true
}

// maxDepth bounds documents within values. The policies of SQS are five deep.
const maxDepth = 32

// plain turns a node into what encoding/json writes. It differs from YAML's own rules in two points, for the sake of
// policies that are written without quotes: 2012-10-17 is no time, and 000000000000 no number.
func (r *report) plain(what string, n *yaml.Node, depth int) any {
	at := n.Line
	n = resolve(n)
	if depth == 0 {
		r.at(at, "%s is nested too deeply", what)
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for _, p := range r.pairs(what, n) {
			m[p.name] = r.plain(what, p.value, depth-1)
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, r.plain(what, item, depth-1))
		}
		return list
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return strconv.Quote(n.Value)
}

// unknown reports a name that does not exist, with the one that was probably meant, or with all if they are few.
func (r *report) unknown(line int, what, name string, known []string) {
	best, least := "", max(2, len(name)/3)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		r.at(line, "%s has no %s; did you mean %s?", what, name, best)
	case len(known) <= len(entryNames):
		r.at(line, "%s has no %s, but %s", what, name, strings.Join(known, ", "))
	default:
		r.at(line, "%s has no %s", what, name)
	}
}
