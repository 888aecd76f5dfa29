package sqs

import (
	"net/url"
	"strings"
)

// Queue is a queue whose bodies are strings, which is what the methods of Connection return.
type Queue = QueueOf[string]

// QueueOf is a queue of one connection, whose bodies are of type T. It holds no state of the queue: making one costs
// nothing, and no method but those that take a context reaches the server. It is safe for concurrent use.
type QueueOf[T any] struct {
	conn  *Connection
	url   string
	path  string // of url, without empty segments
	codec Codec[T]
}

// QueueFromURL returns the queue that has the given URL, without asking the server whether it does. Only the URL's path
// counts: requests go to the connection's endpoint. Its codec is the connection's message class.
func (c *Connection) QueueFromURL(queueURL string) *Queue {
	return newQueue(c, queueURL, c.options.MessageClass)
}

func newQueue[T any](c *Connection, queueURL string, codec Codec[T]) *QueueOf[T] {
	path := queueURL
	if u, err := url.Parse(queueURL); err == nil {
		path = u.Path
	}
	return &QueueOf[T]{conn: c, url: queueURL, path: joinPath(path), codec: codec}
}

// As returns q with another codec: boto's set_message_class, except that q stays as it was.
//
//	orders := sqs.As(q, sqs.RawMessage{})
func As[T, S any](q *QueueOf[S], codec Codec[T]) *QueueOf[T] {
	return &QueueOf[T]{conn: q.conn, url: q.url, path: q.path, codec: codec}
}

// Connection returns the connection that the queue is used through.
func (q *QueueOf[T]) Connection() *Connection { return q.conn }

// Codec returns the queue's message class.
func (q *QueueOf[T]) Codec() Codec[T] { return q.codec }

// URL returns the queue's URL as the server, or QueueFromURL's caller, gave it.
func (q *QueueOf[T]) URL() string { return q.url }

// ID returns the path of the queue's URL, such as /123456789012/orders: boto's id.
func (q *QueueOf[T]) ID() string { return q.path }

// Name returns the queue's name, the last segment of its URL.
func (q *QueueOf[T]) Name() string {
	return q.path[strings.LastIndexByte(q.path, '/')+1:]
}

// Account returns the id of the account that owns the queue, the last segment but one of its URL, or "".
func (q *QueueOf[T]) Account() string {
	rest := q.path[:max(strings.LastIndexByte(q.path, '/'), 0)]
	return rest[strings.LastIndexByte(rest, '/')+1:]
}

// ARN returns the queue's Amazon Resource Name, made of the connection's region and the queue's URL without asking the
// server. The server's own word is the attribute AttributeQueueARN; it differs where a server keeps queues in a region
// that the connection was not told.
func (q *QueueOf[T]) ARN() string {
	region := q.conn.options.Region
	return "arn:" + partitionOf(region).name + ":sqs:" + region + ":" + q.Account() + ":" + q.Name()
}

// String returns the queue's URL.
func (q *QueueOf[T]) String() string { return q.url }
