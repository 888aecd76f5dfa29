// Package sqs is boto.sqs in Go: connections to an SQS service, its queues, and messages whose bodies are encoded as
// boto encoded them. It works with Amazon SQS, with bufeo and with whatever else speaks SQS's protocols.
//
//	conn, err := sqs.New(sqs.WithEndpoint("http://127.0.0.1:9324"))
//	...
//	q, err := conn.CreateQueue(ctx, "greetings")
//	...
//	err = q.Write(ctx, q.NewMessage("hello"))
//	...
//	m, err := q.Read(ctx, sqs.WithWait(20*time.Second))
//	...
//	err = m.Delete(ctx)
//
// # Connections
//
// [New] connects to Amazon SQS in a region, or to any endpoint; [NewFromConfig] takes the AWS SDK's configuration, with
// its profiles, roles and single sign-on; [ConnectToRegion] and [Regions] know Amazon's regions. [Options] has the rest:
// protocol, proxy, certificates, retries, logging. docs/boto.md in the repository tells for everything in boto.sqs what is
// here instead.
//
// # Message classes
//
// A queue stores text. How a body becomes text is the business of a [Codec], boto's message class:
//
//   - [Base64Message] is boto's default, called Message there, and therefore the default here.
//   - [RawMessage] stores text as it is, which is what programs do that do not use boto.
//   - [MHMessage] and [EncodedMHMessage] store [Headers].
//   - [JSONMessage] stores any JSON value exactly as boto does, [JSON] a Go type, in base64 or, with Raw, as it is.
//   - [BinaryMessage] stores bytes.
//
// As(q, JSON[Order]{Raw: true}) is q with another codec, a [QueueOf] of orders; a program's own codecs work the same way.
// [Queue] and [Message] are those whose bodies are strings, and Options.MessageClass is their codec for a whole
// connection.
//
// # Many messages
//
// [NewSender] gathers single sends into batches, [NewConsumer] has a handler work on messages and keeps them leased
// meanwhile, and Drain, SaveFile, LoadFile and DumpFile move whole queues. Package s3store does that with Amazon S3.
//
// # Errors
//
// What a server refuses is an [*Error], and errors.Is tells the refusals apart: errors.Is(err, sqs.ErrQueueDoesNotExist).
// A queue that is empty is [ErrNoMessage], which is no failure of the request. Batches return a [*BatchResults] that
// says what became of each entry, and an error unless all of them succeeded.
//
// Requests are repeated, with a backoff, after connection errors, answers of 5xx and throttling, as the AWS SDK's
// standard retryer does. A send whose answer was lost is repeated as well, so a message can arrive twice: that is what
// SQS's standard queues promise, and what a FIFO queue's deduplication id is for.
//
// # Durations
//
// SQS counts in whole seconds. Durations are rounded up (away from zero), so that half a second of visibility does not
// become none. Where leaving a duration out differs from zero, there is a pointer or an option function: WithWait(0)
// asks for an answer at once, no WithWait for the queue's own waiting time.
//
// # Concurrency
//
// A [Connection] and a [QueueOf] never change after they are made and may be used by any number of goroutines. A
// [MessageOf] belongs to one goroutine at a time. All calls that reach the server take a context, give up when it ends,
// and then return an error for which errors.Is(err, ctx.Err()) holds; a send that is given up may have been stored.
//
// The package depends on the AWS SDK's core (credentials, signing, retries) and not on its SQS client; it contains no
// server.
package sqs
