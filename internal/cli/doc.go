// Package cli is the bufeo binary: its commands, its signals, what it prints and how it exits. Results go to stdout,
// talk to stderr. It imports config, obs and server; only cmd/bufeo imports it.
//
// Exit codes, for scripts and supervisors:
//
//	0   done; for serve: stopped by a signal, with everything that had begun finished
//	1   failed, with the reason and what to do next on stderr; or stopped by a second signal
//	2   the command line or a BUFEO_ variable is wrong
//	70  the store failed: a person has to look at the disk before a restart makes sense
package cli
