package declare

import (
	"context"
	"fmt"

	"github.com/bufeomq/bufeo/internal/service"
)

// Apply does what is planned. Everything was tried on a copy before, so it fails only when the store does, or when a
// client changed the same queues meanwhile, or deleted one of them within the last minute. What was done until then
// stays; the next attempt goes on from there.
func (p *Plan) Apply(ctx context.Context, s *service.Service) error {
	t := target{s}
	for i := range p.Steps {
		step := &p.Steps[i]
		if err := t.apply(ctx, step); err != nil {
			return p.failed(step, err)
		}
	}
	for i := range p.Steps {
		step := &p.Steps[i]
		_, link := split(step.changed(false))
		if err := t.change(ctx, step.Queue.Key, link, nil); err != nil {
			return p.failed(step, err)
		}
	}
	return nil
}

func (t target) apply(ctx context.Context, s *Step) error {
	own, _ := split(s.changed(false))
	if s.Verb == Create {
		return t.create(ctx, s.Queue.Key, own, s.changed(true))
	}
	return t.change(ctx, s.Queue.Key, own, s.changed(true))
}

// changed returns the attributes, or the tags, that are not as they should be.
func (s *Step) changed(tags bool) (vs []Value) {
	for _, i := range s.Items {
		if i.Verb != OK && i.Tag == tags {
			vs = append(vs, i.Value)
		}
	}
	return vs
}

// Changed names the attributes and tags that Apply sets.
func (s *Step) Changed() []string {
	names := []string{}
	for _, i := range s.Items {
		if i.Verb == OK {
			continue
		}
		if i.Tag {
			names = append(names, "tag "+i.Name)
			continue
		}
		names = append(names, i.Name)
	}
	return names
}

func (p *Plan) failed(s *Step, err error) error {
	return fmt.Errorf("%s:%d: %s queue %s: %w", p.file.Name, s.Queue.Line, s.Verb, p.file.Defaults.title(s.Queue.Key), err)
}
