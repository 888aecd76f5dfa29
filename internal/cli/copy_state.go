package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/bufeomq/bufeo/sqs"
)

// copyState is the memory of a copy: which messages the target has that were not deleted from the source any more, and
// which page is under way. With a name it is a file, a line of JSON for each step, and survives a kill.
type copyState struct {
	name      string
	f         *os.File // nil: there is none
	head      copyHead
	resumed   bool
	page      []pageEntry
	uncertain []string  // that were being sent when an earlier call ended
	sent      recentIDs // what the target has; at least all that is not deleted
	left      map[string]bool
	size      int64
	compact   int64 // at which size the file is written anew
}

// pageEntry is a message that was received.
type pageEntry struct{ ID, Handle string }

// copyHead says what is copied.
type copyHead struct {
	Source, Target string
	Keep           bool
}

// copyStep is a line of the file. Page begins a page and Sending a request to the target; the answer is Sent, for what the
// target has, and Refused, for what it has not; Deleted is about the source.
type copyStep struct {
	Copy    *copyHead   `json:",omitempty"`
	Page    []pageEntry `json:",omitempty"`
	Sending []string    `json:",omitempty"`
	Sent    []string    `json:",omitempty"`
	Refused []string    `json:",omitempty"`
	Deleted []string    `json:",omitempty"`
}

const minCompact = 4 << 20

func openCopyState(name string, head copyHead) (*copyState, error) {
	s := &copyState{name: name, head: head, left: map[string]bool{}, compact: minCompact}
	s.sent.unbounded = head.Keep
	if name == "" {
		return s, nil
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &usageError{err.Error(), "name a file that can be written with --state"}
	}
	s.f = f
	if err := s.read(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if !s.resumed {
		return s, s.write(&copyStep{Copy: &head}, true)
	}
	return s, nil
}

// read takes in the whole lines, and cuts off what is left of one that was not finished.
func (s *copyState) read() error {
	r := bufio.NewReader(s.f)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var step copyStep
		err = json.Unmarshal(line, &step)
		switch {
		case err != nil || !s.resumed && step.Copy == nil:
			return &usageError{s.name + " is no state of a copy", "name another file with --state"}
		case step.Copy != nil && *step.Copy != s.head:
			return &usageError{
				fmt.Sprintf("%s is the state of another copy, from %s to %s", s.name, step.Copy.Source, step.Copy.Target),
				"finish that one, or name another file with --state",
			}
		}
		s.resumed = true
		s.size += int64(len(line))
		s.apply(&step)
	}
	if err := s.f.Truncate(s.size); err != nil {
		return err
	}
	_, err := s.f.Seek(s.size, io.SeekStart)
	return err
}

// apply takes over what a step says.
func (s *copyState) apply(step *copyStep) {
	if step.Page != nil {
		s.page, s.uncertain = step.Page, nil
	}
	s.uncertain = append(s.uncertain, step.Sending...)
	for _, id := range step.Sent {
		s.sent.add(id)
		s.left[id] = true
	}
	for _, id := range step.Deleted {
		delete(s.left, id)
	}
	s.uncertain = slices.DeleteFunc(s.uncertain, func(id string) bool {
		return slices.Contains(step.Sent, id) || slices.Contains(step.Refused, id)
	})
}

// take applies a step and writes it.
func (s *copyState) take(step *copyStep, sync bool) error {
	if s.apply(step); s.f == nil {
		return nil
	}
	return s.write(step, sync)
}

func (s *copyState) write(step *copyStep, sync bool) error {
	line, err := json.Marshal(step)
	if err != nil {
		return err
	}
	n, err := s.f.Write(append(line, '\n'))
	s.size += int64(n)
	if err == nil && sync {
		err = s.f.Sync()
	}
	return err
}

// received notes a page. Before it, the file is written anew if it has grown: nothing is under way then.
func (s *copyState) received(page []*sqs.Message) error {
	if s.f != nil && s.size > s.compact {
		if err := s.rewrite(); err != nil {
			return err
		}
	}
	return s.take(&copyStep{Page: entriesOf(page)}, false)
}

func (s *copyState) sending(ms []*sqs.Message) error {
	return s.take(&copyStep{Sending: idsOf(ms)}, true)
}

func (s *copyState) answered(sent, refused []*sqs.Message) error {
	return s.take(&copyStep{Sent: idsOf(sent), Refused: idsOf(refused)}, true)
}

// deleted is not synced: to delete once more does not matter.
func (s *copyState) deleted(ids []string) error { return s.take(&copyStep{Deleted: ids}, false) }

func (s *copyState) undeleted() int { return len(s.left) }

// interrupted returns the page in whose middle an earlier call ended: what the target has of it, and the others.
func (s *copyState) interrupted() (sent, unsent []pageEntry) {
	if !s.resumed {
		return nil, nil
	}
	for _, e := range s.page {
		if s.sent.has(e.ID) {
			sent = append(sent, e)
			continue
		}
		unsent = append(unsent, e)
	}
	return sent, unsent
}

// rewrite makes a file of what counts, which takes the place of the other one when it is on disk.
func (s *copyState) rewrite() error {
	old := s.f
	f, err := os.OpenFile(s.name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	s.f, s.size = f, 0
	err = s.write(&copyStep{Copy: &s.head, Sent: slices.Collect(maps.Keys(s.left))}, true)
	if err := errors.Join(err, f.Close(), old.Close()); err != nil { // open files cannot be renamed everywhere
		return err
	}
	if err := os.Rename(f.Name(), s.name); err != nil {
		return err
	}
	s.compact = max(minCompact, 2*s.size)
	s.f, err = os.OpenFile(s.name, os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

// remove takes the file away: the copy is done.
func (s *copyState) remove() error {
	if s.f == nil {
		return nil
	}
	return errors.Join(s.f.Close(), os.Remove(s.name))
}

func (s *copyState) close() {
	if s.f != nil {
		_ = s.f.Close() // what counts in it is synced
	}
}

// recentIDs remembers messages: all of them, or at least the latest 100,000, at some 60 bytes each.
type recentIDs struct {
	unbounded bool
	now, last map[string]bool
}

const manyIDs = 100_000

func (r *recentIDs) has(id string) bool { return r.now[id] || r.last[id] }

func (r *recentIDs) add(id string) {
	if r.now == nil || len(r.now) >= manyIDs && !r.unbounded {
		r.now, r.last = map[string]bool{}, r.now
	}
	r.now[id] = true
}

func idsOf(ms []*sqs.Message) (ids []string) {
	for _, m := range ms {
		ids = append(ids, m.ID)
	}
	return ids
}

func entriesOf(ms []*sqs.Message) (page []pageEntry) {
	for _, m := range ms {
		page = append(page, pageEntry{m.ID, m.ReceiptHandle})
	}
	return page
}

func handlesOf(page []pageEntry) (handles, ids []string) {
	for _, e := range page {
		handles, ids = append(handles, e.Handle), append(ids, e.ID)
	}
	return handles, ids
}
