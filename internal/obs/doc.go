// Package obs is how bufeo is observed: the logger, the keys of its records, and what the binary knows about its own
// build. Every package but api and wire may import it; it imports none of the others.
//
// What is never logged, at any level: message bodies, attribute values, receipt handles and Authorization headers.
package obs
