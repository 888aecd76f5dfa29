package declare

import (
	"encoding/json"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// File is what a file declares.
type File struct {
	Name     string // of the file, for messages
	Defaults Defaults
	Queues   []*Queue // in the order of the file
	problems Problems // with the form
}

// Defaults are where a queue is that does not say so itself.
type Defaults struct {
	Account, Region string
}

// Queue is one declared queue.
type Queue struct {
	engine.Key
	Line       int
	Attributes []Value // FifoQueue and RedrivePolicy included, however they were written
	Tags       []Value
}

// Value is an attribute or a tag, with its line in the file.
type Value struct {
	Name, Value string
	Line        int
}

// value returns the attribute called name, or nil.
func (q *Queue) value(name string) *Value {
	for i := range q.Attributes {
		if q.Attributes[i].Name == name {
			return &q.Attributes[i]
		}
	}
	return nil
}

// title is how messages name the queue: by its name, and by what of its place is not the default.
func (d Defaults) title(k engine.Key) string {
	switch {
	case k.Account != d.Account:
		return k.Region + "/" + k.Account + "/" + k.Name
	case k.Region != d.Region:
		return k.Region + "/" + k.Name
	}
	return k.Name
}

// target is the dead-letter queue that a declared queue names. ok is false where there is none, or none that can be
// made out: the service will say what is wrong with it.
func (q *Queue) target() (k engine.Key, ok bool) {
	v := q.value(api.RedrivePolicy)
	if v == nil {
		return k, false
	}
	var policy struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if json.Unmarshal([]byte(v.Value), &policy) != nil {
		return k, false
	}
	parts := strings.Split(policy.Target, ":")
	if len(parts) != 6 {
		return k, false
	}
	return engine.Key{Region: parts[3], Account: parts[4], Name: parts[5]}, true
}
