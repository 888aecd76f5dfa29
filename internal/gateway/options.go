package gateway

import (
	"log/slog"
	"net/url"
	"time"
)

// The defaults of Options.
const (
	// DefaultMaxBody is 8 MiB: a full batch of 1 MiB grows threefold when every byte is percent-encoded, and attributes
	// and envelopes come on top.
	DefaultMaxBody = 8 << 20
	// DefaultBodyMemory is 256 MiB: eight of the largest bodies, or sixty full batches of 1 MiB as JSON, on top of what is
	// kept for other requests than sends.
	DefaultBodyMemory = 256 << 20
	// DefaultPatience is far below the time after which clients give up a request, 30 s and more, and long enough that
	// refusing thousands of clients takes little of a processor.
	DefaultPatience = 5 * time.Second
	// DefaultBodyTimeout is how long a body may take to arrive.
	DefaultBodyTimeout = 30 * time.Second
	// DefaultWriteTimeout is how long an answer may take to leave.
	DefaultWriteTimeout = 60 * time.Second
)

// Options say how requests are received. The zero value and nil are the defaults.
type Options struct {
	// Log takes the causes of 5xx answers, panics and, at debug level, one line for each request. nil: none.
	Log *slog.Logger

	// Account is the account of every caller. Default: 000000000000.
	Account string
	// Region is that of requests without a credential scope. Default: us-east-1.
	Region string

	// PublicURL is what the URLs of queues begin with: its scheme and host. nil: those that the client used.
	PublicURL *url.URL
	// AllowHosts are further host names, without port, under which the server may be addressed, and whose pages may
	// send requests to it.
	AllowHosts []string
	// Loopback says that the listener can be reached from this machine only. Requests whose Host header names another
	// machine are refused then: they come from web pages that have their own name resolve to 127.0.0.1.
	Loopback bool

	// MaxBody bounds the body of a request, in bytes. 0: DefaultMaxBody.
	MaxBody int
	// BodyMemory bounds the memory, in bytes, that all bodies of 4 KiB and more take at one time; each is there three times
	// until it is answered. When it is used up, requests with such a body wait for Patience, sends before others, and get
	// 503 ServiceUnavailable then, before the body is read; shorter ones do not count and are served. One body up to MaxBody
	// always fits. It is asked each time, by many goroutines. Nil: DefaultBodyMemory.
	BodyMemory func() int64
	// Sends is how many sends may be under way. Others wait for Patience, and get 503 ServiceUnavailable then.
	// 0: sendsPerProcessor for each processor.
	Sends int
	// Patience is how long a request waits for BodyMemory, and for Sends. 0: DefaultPatience.
	Patience time.Duration
	// BodyTimeout bounds how long a body takes to arrive. 0: DefaultBodyTimeout.
	BodyTimeout time.Duration
	// WriteTimeout bounds how long an answer takes to leave, once it is known. 0: DefaultWriteTimeout.
	WriteTimeout time.Duration

	// AutoCreateQueues creates a queue that does not exist, with default attributes, when a client of the account sends
	// to it, receives from it, or asks for its URL or its attributes.
	AutoCreateQueues bool

	// Around, if set, is called in place of each action.
	Around Around

	// Now is the clock of the log's rate limit; deadlines of connections are always real. nil: time.Now.
	Now func() time.Time
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Account == "" {
		d.Account = "000000000000"
	}
	if d.Region == "" {
		d.Region = "us-east-1"
	}
	if d.MaxBody == 0 {
		d.MaxBody = DefaultMaxBody
	}
	if d.BodyMemory == nil {
		d.BodyMemory = func() int64 { return DefaultBodyMemory }
	}
	if d.Patience == 0 {
		d.Patience = DefaultPatience
	}
	if d.BodyTimeout == 0 {
		d.BodyTimeout = DefaultBodyTimeout
	}
	if d.WriteTimeout == 0 {
		d.WriteTimeout = DefaultWriteTimeout
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}
