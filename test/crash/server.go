package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/bufeomq/bufeo/test/serve"
)

// server is a bufeo whose power can be cut.
type server struct {
	serve.Server
	volume *volume // nil: the data is on the file system of Dir
}

// start returns when it is ready.
func (s *server) start(ctx context.Context) error {
	parent := s.Dir
	if s.volume != nil {
		parent = s.volume.dir
	}
	return s.Start(ctx, filepath.Join(parent, "data"))
}

// kill ends it without a chance to do anything, and what it has not synced is gone if it has a volume.
func (s *server) kill() error {
	if s.volume == nil {
		s.Kill()
		return nil
	}
	if err := s.volume.cut(s.Process()); err != nil {
		return err
	}
	s.Kill()
	return errors.Join(s.volume.unmount(), s.volume.mount())
}

// stop is for the end.
func (s *server) stop() error {
	s.Kill()
	if s.volume != nil {
		return s.volume.unmount()
	}
	return nil
}
