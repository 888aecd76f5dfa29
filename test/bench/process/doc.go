// Package process runs servers for the measuring programs of this module, and tells what they use: processor time and
// resident memory (Linux only), and how long a sync of the disk takes that they write to.
package process
