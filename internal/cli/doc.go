// Package cli is the bufeo binary: its commands, its signals, what it prints and how it exits. Results go to stdout,
// talk to stderr. It imports config, load, obs, server and sqs; only cmd/bufeo imports it.
//
// serve is in serve.go and what it names. All other commands are clients, of any SQS service: target.go has their flags
// and how they run, endpoint.go and profile.go where they work, client.go what they get, confirm.go what stands before
// what destroys, output.go how they print, explain.go how they fail, files.go what save, dump
// and load share, progress.go how long work shows how far it is, copy_run.go and copy_state.go how copy goes on after a
// kill. A command is a file named after it.
//
// Exit codes, for scripts and supervisors:
//
//	0   done; for serve: stopped by a signal, with everything that had begun finished
//	1   failed, with the reason and what to do next on stderr; or declined, or interrupted
//	2   the command line, a variable or a profile is wrong, or there was nobody to ask and no --yes: nothing was done
//	70  the store failed: a person has to look at the disk before a restart makes sense
package cli
