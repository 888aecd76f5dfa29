package declare

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// section is the part of a file that is read here. Names that begin with scratch are for what is used by reference only
// (YAML's anchors), as in other files of this kind.
const (
	section = "queues"
	scratch = "x-"
)

// Parse reads a file. What is wrong with its form is kept in the File and told by NewPlan, together with what SQS has
// against the rest: so whoever mends the file sees everything at once.
func Parse(name string, text []byte, d Defaults) *File {
	r := &reader{report: report{file: name}, file: &File{Name: name, Defaults: d}, lines: map[engine.Key]int{}}
	if doc := r.document(text); doc != nil {
		r.top(doc)
	} else if len(r.problems) == 0 {
		r.at(1, "it is empty, want a section %s", section)
	}
	r.file.problems = r.problems
	return r.file
}

// reader turns nodes into queues.
type reader struct {
	report
	file  *File
	lines map[engine.Key]int // where a queue was declared first
}

func (r *reader) top(doc *yaml.Node) {
	ps := r.pairs("the file", doc)
	if len(ps) == 0 && len(r.problems) == 0 {
		r.at(doc.Line, "it is empty, want a section %s", section)
	}
	for _, p := range ps {
		if strings.HasPrefix(p.name, scratch) {
			continue
		}
		if p.name != section {
			r.unknown(p.line, "the file", p.name, []string{section})
			continue
		}
		n := resolve(p.value)
		if isNull(n) {
			continue
		}
		if n.Kind != yaml.SequenceNode {
			r.at(p.line, "%s is %s, want a list", section, kindOf(n))
			continue
		}
		for _, item := range n.Content {
			r.queue(item)
		}
	}
}

// entryNames are what a queue can say of itself.
var entryNames = []string{"name", "attributes", "tags", "deadLetter", "region", "account"}

// The forms of a region and of an account, as in server.Options.
var (
	regionForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
)

// queue reads one entry of the list: a mapping, or a name alone.
func (r *reader) queue(n *yaml.Node) {
	q := &Queue{Key: engine.Key{Account: r.file.Defaults.Account, Region: r.file.Defaults.Region}, Line: n.Line}
	if s := resolve(n); s.Kind == yaml.ScalarNode && s.Value != "" {
		q.Name = s.Value
		r.add(q)
		return
	}
	ps := r.pairs("an entry", n)
	if named := slices.IndexFunc(ps, func(p pair) bool { return p.name == "name" }); named >= 0 {
		q.Line = ps[named].line
		var ok bool
		if q.Name, ok = r.text("name", ps[named].value); !ok {
			return
		}
	}
	if q.Name == "" {
		r.at(q.Line, "a queue has no name")
		return
	}
	if r.place(q, ps) {
		r.content(q, ps)
		r.add(q)
	}
}

// place reads where the queue is.
func (r *reader) place(q *Queue, ps []pair) (ok bool) {
	ok = true
	check := func(p pair, into *string, form *regexp.Regexp, want string) {
		v, given := r.text("queue "+q.Name+": "+p.name, p.value)
		if given && !form.MatchString(v) {
			r.at(p.line, "queue %s: %s is %q, want %s", q.Name, p.name, v, want)
			given = false
		}
		ok, *into = ok && given, v
	}
	for _, p := range ps {
		switch p.name {
		case "region":
			check(p, &q.Region, regionForm, "the form of us-east-1")
		case "account":
			check(p, &q.Account, accountForm, "12 digits")
		}
	}
	return ok
}

// content reads everything else. It comes second, since a dead-letter queue is where its source is.
func (r *reader) content(q *Queue, ps []pair) {
	what := "queue " + r.file.Defaults.title(q.Key)
	for _, p := range ps {
		switch p.name {
		case "name", "region", "account":
		case "attributes":
			r.attributes(q, what, p.value)
		case "tags":
			for _, t := range r.pairs(what+": tags", p.value) {
				if v, ok := r.text(what+": tag "+t.name, t.value); ok {
					q.Tags = append(q.Tags, Value{t.name, v, t.line})
				}
			}
		case "deadLetter":
		default:
			r.unknown(p.line, what, p.name, entryNames)
		}
	}
	for _, p := range ps {
		if p.name == "deadLetter" {
			r.deadLetter(q, what, p)
		}
	}
}

// attributes reads AWS's attributes. A mapping or a list is JSON that is written as YAML, which policies are easier to
// read in.
func (r *reader) attributes(q *Queue, what string, n *yaml.Node) {
	for _, p := range r.pairs(what+": attributes", n) {
		switch row := api.QueueAttributeNamed(p.name); {
		case row == nil:
			r.unknown(p.line, what+": attributes", p.name, settable())
			continue
		case row.Kind == api.ReadOnlyAttribute:
			r.at(p.line, "%s: %s cannot be set", what, p.name)
			continue
		}
		value, ok := r.attribute(what+": "+p.name, p.value)
		if !ok {
			continue
		}
		if p.name == api.FifoQueue && isFIFO(q.Name) && !strings.EqualFold(value, "true") {
			r.at(p.line, "%s: FifoQueue is %q, but a name that ends in .fifo is that of a FIFO queue, for good", what, value)
			continue
		}
		q.Attributes = append(q.Attributes, Value{p.name, value, p.line})
	}
}

func (r *reader) attribute(what string, n *yaml.Node) (string, bool) {
	if resolve(n).Kind == yaml.ScalarNode {
		return r.text(what, n)
	}
	before := len(r.problems)
	text, err := json.Marshal(r.plain(what, n, maxDepth))
	if err != nil {
		r.at(n.Line, "%s cannot be written as JSON: %s", what, err)
	}
	return string(text), len(r.problems) == before
}

// deadLetter turns the name of a queue into the RedrivePolicy that SQS wants, with an ARN.
func (r *reader) deadLetter(q *Queue, what string, p pair) {
	what += ": deadLetter"
	target, count := "", ""
	before := len(r.problems)
	for _, c := range r.pairs(what, p.value) {
		switch c.name {
		case "queue":
			target, _ = r.text(what+": queue", c.value)
		case "maxReceiveCount":
			count, _ = r.text(what+": maxReceiveCount", c.value)
		default:
			r.unknown(c.line, what, c.name, []string{"queue", "maxReceiveCount"})
		}
	}
	switch {
	case len(r.problems) > before:
	case target == "" || count == "":
		r.at(p.line, "%s wants queue and maxReceiveCount", what)
	case q.value(api.RedrivePolicy) != nil:
		r.at(p.line, "%s and RedrivePolicy say the same; keep one of them", what)
	default:
		q.Attributes = append(q.Attributes, Value{api.RedrivePolicy, redrivePolicy(q.Key, target, count), p.line})
	}
}

func redrivePolicy(source engine.Key, target, count string) string {
	source.Name = target
	policy := struct {
		Target string `json:"deadLetterTargetArn"`
		Count  any    `json:"maxReceiveCount"`
	}{source.ARN(), count}
	if n, err := strconv.Atoi(count); err == nil {
		policy.Count = n
	}
	text, err := json.Marshal(policy)
	if err != nil {
		panic("declare: " + err.Error()) // text and a number can always be written
	}
	return string(text)
}

// add keeps a queue. A name that ends in .fifo makes a FIFO queue without further words, as no other can have it.
func (r *reader) add(q *Queue) {
	title := r.file.Defaults.title(q.Key)
	if first := r.lines[q.Key]; first != 0 {
		r.at(q.Line, "queue %s is declared twice, first in line %d", title, first)
		return
	}
	r.lines[q.Key] = q.Line
	if isFIFO(q.Name) && q.value(api.FifoQueue) == nil {
		q.Attributes = append([]Value{{api.FifoQueue, "true", q.Line}}, q.Attributes...)
	}
	r.file.Queues = append(r.file.Queues, q)
}

func isFIFO(name string) bool { return strings.HasSuffix(name, ".fifo") }

// settable lists the attributes that can be declared.
func settable() (names []string) {
	for i := range api.QueueAttributes {
		if row := &api.QueueAttributes[i]; row.Kind != api.ReadOnlyAttribute {
			names = append(names, row.Name)
		}
	}
	return names
}
