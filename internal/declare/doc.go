// Package declare makes queues be what a file says: the section queues of a YAML file, with AWS's names for attributes.
//
//	Parse     reads the file, and notes what is wrong with its form
//	NewPlan   finds what would have to change, by doing it to a copy of the queues in memory; or all that is wrong with
//	          the file, with line numbers
//	Apply     does it
//
// NewPlan works on a copy because then every check is SQS's own: the copy is a real engine under the real service, and a
// value that the service refuses there, in the order in which it would be set here, is a mistake in the file. So a file
// with any mistake changes nothing at all.
//
// What the file does not mention stays as it is: other queues, and other attributes and tags of its own queues. Nothing
// is ever deleted or purged.
//
// Packages server and cli use it. It imports service, engine, store and api.
package declare
