package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
)

// PageSuffix is what the name of the file ends in that notes which page of messages a save is working on.
const PageSuffix = PartialSuffix + ".page"

// savedPage is that file. Without it, what a killed save had in its hands would stay invisible for a while, so that the
// next call would find the queue empty, make the file whole and be gone when the messages come back: also those that are in
// the file and could not be deleted any more.
//
// It is not synced. It is for programs that are killed; after a power failure what it knows may be missing, and messages
// are recognised when they come by themselves.
type savedPage struct{ f *os.File }

// pageEntry is a message that was received.
type pageEntry struct{ ID, Handle string }

func openSavedPage(name string) (*savedPage, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	return &savedPage{f}, err
}

// note replaces what is in the file.
func (p *savedPage) note(page []pageEntry) error {
	line, err := json.Marshal(page)
	if err != nil {
		return err
	}
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	_, err = p.f.WriteAt(line, 0)
	return err
}

// entries are those of the page that was interrupted. Something that is not whole was not noted in time, and nothing had
// been done with its messages then.
func (p *savedPage) entries() ([]pageEntry, error) {
	text, err := io.ReadAll(p.f)
	if err != nil {
		return nil, err
	}
	var page []pageEntry
	if json.Unmarshal(text, &page) != nil {
		return nil, nil //nolint:nilerr // see above
	}
	return page, nil
}

// remove takes the file away: nothing is under way any more.
func (p *savedPage) remove() error {
	if p == nil {
		return nil
	}
	return errors.Join(p.f.Close(), os.Remove(p.f.Name())) // open files cannot be removed everywhere
}

// settlePage finishes a page that was interrupted: messages that were kept are deleted, the others are given back. What
// the server refuses does not matter, since it is about messages that are not in flight any more.
func (q *QueueOf[T]) settlePage(ctx context.Context, p *savedPage, kept func(id string) bool) error {
	page, err := p.entries()
	if err != nil {
		return err
	}
	var done []string
	var back []VisibilityChange
	for _, e := range page {
		if kept(e.ID) {
			done = append(done, e.Handle)
			continue
		}
		back = append(back, VisibilityChange{ReceiptHandle: e.Handle})
	}
	_, err = q.DeleteMessageBatch(ctx, done) // first: in a FIFO queue they stand before the others
	if err := unlessRefused(err); err != nil {
		return err
	}
	_, err = q.ChangeMessageVisibilityBatch(ctx, back)
	return unlessRefused(err)
}

// unlessRefused is the error of a batch, but for entries that the server has refused.
func unlessRefused(err error) error {
	batch, ok := errors.AsType[*BatchError](err)
	if !ok {
		return err
	}
	for _, e := range batch.Errors {
		if _, refused := errors.AsType[*Error](e.Err); !refused || errors.Is(e.Err, ErrNotSent) {
			return err
		}
	}
	return nil
}
