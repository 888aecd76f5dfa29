// Package service is SQS as a set of functions: one file and one method for each action, from a typed input to a typed
// output or an *api.Error.
//
// It checks what clients send, in AWS's order and with AWS's words, finds the queue, calls the engine and shapes the
// answer. Every limit of SQS on what a request says is enforced here and nowhere else: the codecs in front of it pass on
// what they are given, the engine behind it trusts what it is given. The engine keeps the limits on the state of a queue:
// what is in flight, the 12 hours of a receive, the 60 seconds after a purge or a delete. This package knows neither
// HTTP nor disks, and neither clock nor chance: a call depends on its input and on the engine alone.
//
// Package gateway and the console call it. It imports engine, api, and wire for the digests of message attributes.
//
// # Order of checks
//
// The queue comes first: an unknown queue beats every other fault of a message action (recorded from AWS). Then come
// the parameters in the order that each file states. Where AWS's order is not recorded, it is LocalStack's.
package service
