//go:build !linux

package main

// pinned and pin do nothing where processes cannot be bound to processors.
func pinned(_ int, f func() error) error { return f() }

func pin(int) (free func(), err error) { return func() {}, nil }
