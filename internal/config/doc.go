// Package config turns defaults, environment and command line into what a server is started with. One table of
// options (options.go) has it all: flags, variables, help texts and the reference in the documentation come from it.
//
// A flag beats a variable, a variable beats the default. Package cli uses it; it imports server and obs.
package config
