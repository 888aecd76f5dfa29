package declare

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// Verb says what is to be done with a queue, an attribute or a tag.
type Verb string

// The verbs.
const (
	Create Verb = "create"
	Change Verb = "change"
	OK     Verb = "ok"
)

// Plan is what has to be done so that all queues are as a file wants them.
type Plan struct {
	file  *File
	Steps []Step // one for each queue of the file, in its order
}

// Step is what has to be done with one queue.
type Step struct {
	Verb  Verb
	Queue *Queue
	Items []Item // attributes, then tags
}

// Item is what has to be done with one attribute or tag.
type Item struct {
	Verb Verb
	Tag  bool
	Value
	Want string // the value as SQS will show it; "" for none
	Is   string // the value now; "" for none
	New  bool   // a tag that is not there yet: "" is a value of tags
}

// NewPlan compares a file with the queues that exist. Its error is a Problems when the file is at fault, with everything
// that SQS has against it.
func NewPlan(ctx context.Context, f *File, existing Existing) (p *Plan, err error) {
	r, err := newRehearsal(f)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.engine.Close()) }()
	if err := r.copy(ctx, existing); err != nil {
		return nil, err
	}
	before, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.play(ctx, before); err != nil {
		return nil, err
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	after, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	p = &Plan{file: f}
	for _, q := range f.Queues {
		p.Steps = append(p.Steps, compare(q, before[q.Key], after[q.Key]))
	}
	return p, nil
}

// look returns how the declared queues are; those that do not exist are left out.
func (r *rehearsal) look(ctx context.Context) (map[engine.Key]*state, error) {
	all := map[engine.Key]*state{}
	for _, q := range r.file.Queues {
		s, err := r.queues.look(ctx, q.Key)
		if err != nil {
			return nil, err
		}
		if s != nil {
			all[q.Key] = s
		}
	}
	return all, nil
}

// compare makes the step of one queue.
func compare(q *Queue, before, after *state) Step {
	s := Step{Verb: OK, Queue: q}
	if before == nil {
		s.Verb, before = Create, &state{}
	}
	add := func(tag bool, v Value, is, want map[string]string) {
		_, there := is[v.Name]
		i := Item{Tag: tag, Value: v, Is: is[v.Name], Want: want[v.Name], New: tag && !there}
		switch {
		case s.Verb == Create:
			i.Verb = Create
		case same(i.Is, i.Want) && !i.New:
			i.Verb = OK
		default:
			i.Verb, s.Verb = Change, Change
		}
		s.Items = append(s.Items, i)
	}
	for _, v := range q.Attributes {
		add(false, v, before.attributes, after.attributes)
	}
	for _, v := range q.Tags {
		add(true, v, before.tags, after.tags)
	}
	return s
}

// same compares two values; documents are compared as JSON, not as text.
func same(a, b string) bool {
	if a == b || !strings.HasPrefix(a, "{") {
		return a == b
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// Count returns how many queues there are of each verb.
func (p *Plan) Count() (create, change, ok int) {
	for _, s := range p.Steps {
		switch s.Verb {
		case Create:
			create++
		case Change:
			change++
		default:
			ok++
		}
	}
	return create, change, ok
}

// WriteTo writes a line for each queue, attribute and tag, which begins with the verb.
func (p *Plan) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, s := range p.Steps {
		title := p.file.Defaults.title(s.Queue.Key)
		fmt.Fprintf(&b, "%-6s  %s\n", s.Verb, title)
		for _, i := range s.Items {
			fmt.Fprintf(&b, "%-6s  %s  %s\n", i.Verb, title, i)
		}
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (i Item) String() string {
	name, want, is := i.Name, i.Want, i.Is
	if i.Tag {
		name, want, is = "tag "+strconv.Quote(name), strconv.Quote(want), strconv.Quote(is)
	}
	text := name + " = " + cmp.Or(want, unset)
	switch {
	case i.Verb != Change:
		return text
	case i.New:
		is = unset
	}
	return text + " (is " + cmp.Or(is, unset) + ")"
}

// unset stands for the value of an attribute that has none.
const unset = "unset"

func missing(err error) bool {
	e, ok := errors.AsType[*api.Error](err)
	return ok && e.Kind == api.QueueDoesNotExist
}
