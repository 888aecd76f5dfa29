package server_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/bufeomq/bufeo/server"
)

func Example() {
	srv, err := server.New(&server.Options{InMemory: true})
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // server.DefaultAddress has the usual port
	if err != nil {
		log.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	select {
	case <-srv.Ready():
	case err := <-served:
		log.Fatal(err)
	}

	answer, err := http.Get(fmt.Sprintf("http://%s/readyz", l.Addr()))
	if err != nil {
		log.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	fmt.Print(answer.Status, ": ", string(text))

	if err := srv.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("served:", <-served)
	// Output:
	// 200 OK: ready
	// served: <nil>
}

// A server can be a part of a mux of the program's own.
func ExampleServer_Handler() {
	srv, err := server.New(&server.Options{InMemory: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := srv.Open(context.Background()); err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("sqs.localhost/", srv.Handler())
	// ... serve mux, and in the end:
	if err := srv.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
}
