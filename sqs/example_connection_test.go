package sqs_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/bufeomq/bufeo/sqs"
)

func ExampleConnectToRegion() {
	conn, err := sqs.ConnectToRegion("eu-west-1", sqs.WithCredentials("AKIDEXAMPLE", "secret", ""))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Endpoint())
	_, err = sqs.ConnectToRegion("atlantis-1")
	fmt.Println(errors.Is(err, sqs.ErrUnknownRegion))
	// Output:
	// https://sqs.eu-west-1.amazonaws.com
	// true
}

func ExampleRegions() {
	for _, r := range sqs.Regions() {
		if r.Partition() == "aws-cn" {
			fmt.Println(r.Name, r.Endpoint)
		}
	}
	// Output:
	// cn-north-1 https://sqs.cn-north-1.amazonaws.com.cn
	// cn-northwest-1 https://sqs.cn-northwest-1.amazonaws.com.cn
}

// A region of one's own, for a service that is not Amazon's.
func ExampleRegion() {
	home := sqs.Region{Name: "home-1", Endpoint: "http://127.0.0.1:9324"}
	conn, err := home.Connect()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.QueueFromURL("/000000000000/orders").ARN())
	// Output: arn:aws:sqs:home-1:000000000000:orders
}

// Through a proxy, to a server whose certificate nobody else trusts.
func ExampleWithProxy() {
	conn, err := sqs.New(
		sqs.WithEndpoint("https://queues.example.org"),
		sqs.WithProxy("http://user:password@127.0.0.1:3128"),
		sqs.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), // better: RootCAs
		sqs.WithRetryMode(aws.RetryModeAdaptive),
		sqs.WithMaxAttempts(7),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conn.Endpoint())
	// Output: https://queues.example.org
}

func ExampleWithLog() {
	q, done := localQueue()
	defer done()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug, // sqs.LevelWire has the bodies, too
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "url" || a.Key == "duration" || a.Key == "request_id" {
				return slog.Attr{} // what changes from run to run
			}
			return a
		},
	}))
	conn, err := sqs.New(sqs.WithEndpoint(q.Connection().Endpoint()), sqs.WithLog(logger))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := conn.QueueFromURL(q.URL()).Read(context.Background(), sqs.WithWait(0*time.Second)); !errors.Is(err, sqs.ErrNoMessage) {
		log.Fatal(err)
	}
	// Output: level=DEBUG msg="sqs request" action=ReceiveMessage status=200
}
