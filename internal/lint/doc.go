// Package lint is the repository's own rules, as Go tests: what a reviewer would otherwise have to remember. Each file
// holds one family of rules, the reason for each, and a test that shows a violation being found.
//
// A rule reads the tree as an fs.FS, the packages as `go list` tells them, or both, and returns the problems that it
// finds, so that it can be run on a small tree that is wrong. Exceptions stand beside the rule, each with its reason.
// What golangci-lint knows already (.golangci.yml) is not repeated here.
//
// Nothing imports this package. It may import internal/config and internal/store, to compare the documentation with
// them.
package lint
