package sqs_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"

	"github.com/bufeomq/bufeo/sqs"
)

// send writes a body to a new queue and reads it back.
func send[T any](codec sqs.Codec[T], body T) *sqs.MessageOf[T] {
	conn, done := local()
	defer done()
	ctx := context.Background()
	plain, err := conn.CreateQueue(ctx, "orders")
	if err != nil {
		log.Fatal(err)
	}
	q := sqs.As(plain, codec)
	if err := q.Write(ctx, q.NewMessage(body)); err != nil {
		log.Fatal(err)
	}
	m, err := q.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

func ExampleRawMessage() {
	m := send(sqs.RawMessage{}, "hello")
	fmt.Println(m.Stored(), m.Body)
	// Output: hello hello
}

func ExampleBase64Message() {
	m := send(sqs.Base64Message{}, "hello\x00")
	fmt.Printf("%s %q\n", m.Stored(), m.Body)
	// Output: aGVsbG8A "hello\x00"
}

func ExampleMHMessage() {
	m := send(sqs.MHMessage{}, sqs.Headers{}.With("foo", "bar").With("fie", "baz"))
	fmt.Print(m.Stored())
	fmt.Println(m.Body.Get("foo", ""), m.Body.Has("fum"))
	for name, value := range m.Body.Items() {
		fmt.Println(name, "is", value)
	}
	// Output:
	// foo: bar
	// fie: baz
	// bar false
	// foo is bar
	// fie is baz
}

// Headers have no escapes. Strict refuses what would not come back.
func ExampleMHMessage_strict() {
	injected := sqs.Headers{}.With("user", "eve\nadmin: true")
	stored, _ := sqs.MHMessage{}.Encode(injected)
	back, _ := sqs.MHMessage{}.Decode(stored)
	fmt.Println(back)
	_, err := sqs.MHMessage{Strict: true}.Encode(injected)
	fmt.Println(err != nil)
	// Output:
	// [{user eve} {admin true}]
	// true
}

func ExampleEncodedMHMessage() {
	m := send(sqs.EncodedMHMessage{}, sqs.Headers{}.With("foo", "bar"))
	fmt.Println(m.Stored(), m.Body.Get("foo", ""))
	// Output: Zm9vOiBiYXIK bar
}

func ExampleJSONMessage() {
	m := send[any](sqs.JSONMessage{}, sqs.Object{}.With("foo", "bar").With("n", 1).With("price", 1.0))
	fmt.Println(m.Stored())
	if body, ok := m.Body.(sqs.Object); ok {
		for key, value := range body.Items() {
			fmt.Printf("%s is %v, of type %T\n", key, value, value)
		}
	}
	// Output:
	// eyJmb28iOiAiYmFyIiwgIm4iOiAxLCAicHJpY2UiOiAxLjB9
	// foo is bar, of type string
	// n is 1, of type int64
	// price is 1, of type float64
}

func ExampleJSON() {
	type Order struct {
		ID    int      `json:"id"`
		Lines []string `json:"lines"`
	}
	order := Order{ID: 7, Lines: []string{"tea", "milk & honey"}}
	m := send(sqs.JSON[Order]{}, order) // for boto's JSONMessage
	fmt.Println(m.Stored())
	fmt.Println(m.Body.ID, m.Body.Lines)
	m = send(sqs.JSON[Order]{Raw: true}, order) // for everybody else
	fmt.Println(m.Stored())
	// Output:
	// eyJpZCI6NywibGluZXMiOlsidGVhIiwibWlsayAmIGhvbmV5Il19
	// 7 [tea milk & honey]
	// {"id":7,"lines":["tea","milk & honey"]}
}

func ExampleMapping() {
	h := sqs.Headers{}.With("foo", "bar")
	h.Set("fie", "baz")
	h.Update(maps.All(map[string]string{"foo": "rab"}))
	fmt.Println(len(h), h.Has("fie"), h.Get("fum", "none"), slices.Collect(h.Keys()), slices.Collect(h.Values()))
	if _, ok := h.Lookup("fum"); !ok {
		fmt.Println("no fum")
	}
	// Output:
	// 2 true none [foo fie] [rab baz]
	// no fum
}
