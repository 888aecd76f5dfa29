// Package sqstest runs an SQS server inside a Go test. It is bufeo itself, with its queues in memory: it starts in about
// a millisecond, so that every test can have one of its own.
//
//	func TestOrders(t *testing.T) {
//		srv := sqstest.New(t)
//		client := awssqs.NewFromConfig(srv.Config()) // of the AWS SDK; package sqs of this module has the same
//		...
//		if got := srv.Messages("orders"); len(got) != 1 {
//			t.Errorf("got %v, want one message", got)
//		}
//	}
//
// The server is closed by t.Cleanup. Servers share nothing, so tests that have one each can run in parallel.
//
// # Transports
//
// Clients reach a server in two ways. [Server.Config] and [Server.Client] stay in the process: they speak HTTP over pipes
// in memory and need no port. [Server.URL] opens a port on loopback when it is first called, for clients that take nothing
// but an address. Both lead to the same queues, and a queue's URL from one works with the other.
//
// # Time
//
// Inside [testing/synctest] the server's clock is the bubble's: visibility timeouts, delays, retention and long polls of
// any length pass as soon as everything waits for them. Make the server inside the bubble, and use the transport in
// memory: sockets do not work there.
//
// # What differs from bufeo serve
//
// The 60 seconds that SQS wants between two purges of a queue, and between deleting a queue and creating it again, are
// lifted; [Server.Fail] can bring such a refusal about. Any credentials are accepted.
//
// It imports package server, and package sqs for the names of errors and attributes.
package sqstest
