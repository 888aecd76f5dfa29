// Package server is bufeo as a part of another program: a queue service that any Amazon SQS client can talk to. It is
// what `bufeo serve` runs, without flags, signals and terminal.
//
//	srv, err := server.New(&server.Options{DataDir: "/var/lib/app/queues"})
//	...
//	l, err := net.Listen("tcp", server.DefaultAddress)
//	...
//	go func() { done <- srv.Serve(l) }()
//	<-srv.Ready()
//
// The package only wires the parts together: gateway (HTTP), service (the actions), engine (the queues) and store.
package server
