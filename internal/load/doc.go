// Package load is a load generator for SQS endpoints: raw keep-alive connections, requests that are built once and then
// only patched, an HTTP/1.1 reader that does no more than SQS needs. It knows nothing of bufeo, of processes or of
// reports. Command bench of internal/cli imports it, and so do the programs below test/bench.
//
// What is light about it is on purpose. Generator and server share the machine, so every microsecond spent here is one
// that the server does not get, and it is spent alike on a server that stores and on one that does not, which pushes
// every ratio towards 1. Measured with 32 connections on two cores, a request costs 23 µs of CPU here against 35 µs in the
// bare net/http server; about a tenth of the 23 is code of this package, the rest is the kernel's sockets and Go's
// poller. One processor for the generator instead of two (GOMAXPROCS) changed nothing.
//
// What is not light is on purpose too: each answer's status and each entry of a batch is looked at, every message has an
// id of its own, and a Ledger remembers what was acknowledged, so that an endpoint that lies is found out. How answers are
// written does not matter: white space, chunks, hosts in the URLs of queues, attributes that are missing.
//
// Target is an endpoint, over TLS and with signed requests if need be. Job repeats an operation on a queue, Trial is a whole
// run with its queue, check and verdict.
package load
