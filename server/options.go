package server

import (
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/memory"
	"github.com/bufeomq/bufeo/internal/seam"
)

// The defaults of Options, and the address on which `bufeo serve` listens.
const (
	DefaultAddress = "127.0.0.1:9324" // 9324: what SQS stand-ins have used since ElasticMQ
	DefaultDataDir = "bufeo-data"
	DefaultRegion  = "us-east-1"
	DefaultAccount = "000000000000"
	// DefaultMaxQueues is beyond what is made by hand and below what hurts: an idle queue takes up less than 2 KB of memory, and
	// all are read at the start.
	DefaultMaxQueues = 100_000
)

// Options say how a Server behaves. The zero value, and nil, mean the defaults.
type Options struct {
	// DataDir is the folder that keeps the queues, created when it is missing. One server at a time can have it.
	// Default: bufeo-data in the working directory.
	DataDir string
	// InMemory keeps the queues in memory only: they end with the server. DataDir is ignored.
	InMemory bool

	// DiskMinFree is how much space has to be free on the volume of DataDir, in bytes. With less, sends are refused with
	// ServiceUnavailable, while messages can still be received and deleted, which writes, too, and frees space in the end.
	// Default: 256 MiB. Negative: no space is kept free.
	DiskMinFree int64

	// MemoryLimit is what the server's caches, and the bodies of messages and requests that are on their way, have to fit
	// into, in bytes, together with the heap of Go: at least 96 MiB. Only the whole program can limit Go's heap, by
	// debug.SetMemoryLimit, as `bufeo serve` does. Default: 1 GiB.
	MemoryLimit int64
	// MaxConnections is how many connections Serve has at a time. When there are as many, a new one takes the place of the
	// one that has been idle for longest; if none is, it waits. Default: what MemoryLimit is enough for, at 24 KiB each, but
	// no more than the system's limit of open files allows. Negative: no limit.
	MaxConnections int

	// MaxQueues is how many queues there may be. When there are as many, CreateQueue is refused with OverLimit; queues that
	// exist go on, also if they are more. Default: DefaultMaxQueues. Negative: no limit.
	MaxQueues int
	// MaxStorage and MaxQueueStorage are how many bytes of messages there may be, in all queues together and in each. With
	// more, sends are refused with ServiceUnavailable, while messages can be received and deleted, which makes room at once.
	// Dead letters and messages that move between queues are never refused. Default: no limit.
	MaxStorage, MaxQueueStorage int64

	// Region is where requests go that do not name one in their credential scope. Default: us-east-1.
	Region string
	// Account is the account id of every queue, 12 digits. Default: 000000000000.
	Account string

	// PublicURL is what queue URLs start with. Default: the scheme and the host that the client used.
	PublicURL *url.URL
	// AllowHosts are further host names that a client may send in its Host header, without port. On a loopback
	// listener all but loopback names, PublicURL's and these are refused, because a web page that has its own name
	// resolve to 127.0.0.1 would otherwise reach the server.
	AllowHosts []string
	// AcceptAnyCredentials allows listeners beyond loopback, although nobody's credentials are checked there: who can
	// reach such a listener can read and delete every message.
	AcceptAnyCredentials bool

	// RelaxedCooldowns lifts the 60 seconds that SQS wants between two purges of a queue, and between deleting a
	// queue and creating it again.
	RelaxedCooldowns bool

	// NoFairQueues hands out the messages of standard queues strictly oldest first. By default, while one message group
	// keeps the consumers of such a queue busy, the messages of the others go first (fair queues, as SQS has them).
	NoFairQueues bool

	// QueuesFile names a YAML file with queues that are created, or changed to be as it says, before the server is
	// ready. Queues that are not in it stay as they are. Default: none.
	QueuesFile string
	// AutoCreateQueues creates a queue that does not exist, with default attributes, when somebody sends to it, receives
	// from it, or asks for its URL or its attributes. A name that ends in .fifo makes a FIFO queue.
	AutoCreateQueues bool

	// Log takes the server's records. Default: slog.Default().
	Log *slog.Logger
	// Now is the clock of the queues; it must not go back. Default: the wall clock without its jumps.
	Now func() time.Time

	// Seam is for package sqstest. Its type is internal: leave it nil.
	Seam *seam.Seam
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.DataDir == "" {
		d.DataDir = DefaultDataDir
	}
	if d.Region == "" {
		d.Region = DefaultRegion
	}
	if d.Account == "" {
		d.Account = DefaultAccount
	}
	if d.MaxConnections == 0 {
		d.MaxConnections = maxConnections(&d)
	}
	if d.MaxQueues == 0 {
		d.MaxQueues = DefaultMaxQueues
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return d
}

var (
	regionForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
)

// Validate reports the first option that a server cannot work with. New calls it; it is exported for those who want
// to know before.
func (o *Options) Validate() error {
	d := o.withDefaults()
	if !regionForm.MatchString(d.Region) {
		return fmt.Errorf("server: Region is %q, want the form of us-east-1", d.Region)
	}
	if d.MemoryLimit != 0 && d.MemoryLimit < memory.Min {
		return fmt.Errorf("server: MemoryLimit is %d, want at least %d", d.MemoryLimit, int64(memory.Min))
	}
	if !accountForm.MatchString(d.Account) {
		return fmt.Errorf("server: Account is %q, want 12 digits", d.Account)
	}
	if u := d.PublicURL; u != nil && !publicURL(u) {
		return fmt.Errorf("server: PublicURL is %q, want scheme and host as in https://sqs.example.org", u)
	}
	if d.MaxStorage < 0 || d.MaxQueueStorage < 0 {
		return fmt.Errorf("server: MaxStorage is %d and MaxQueueStorage %d, want a number of bytes, 0 for no limit", d.MaxStorage, d.MaxQueueStorage)
	}
	for _, h := range d.AllowHosts {
		if h == "" || strings.ContainsAny(h, "/ @?#") {
			return fmt.Errorf("server: AllowHosts has %q, want a host name as in sqs.example.org", h)
		}
	}
	return nil
}

// publicURL: no path, since the path of a queue URL is exactly /account/name (boto2 takes it apart by its slashes).
func publicURL(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.User == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}
