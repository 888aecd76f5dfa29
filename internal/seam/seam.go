// Package seam is how package sqstest gets into a server. Server.Options carries a Seam; as its type is internal, nobody
// beyond this module can make one, and nothing of it is promised to them.
//
// Package server and package sqstest import it.
package seam

import (
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/gateway"
)

// Seam opens one server to a test. It is used by one server only.
type Seam struct {
	// Around stands between the gateway and the service. It is set before the server is opened; nil means nothing.
	Around gateway.Around
	// Engine has the server's queues. The server sets it before Open returns.
	Engine *engine.Engine
	// FS is the file system of the data folder. nil: the operating system's.
	FS vfs.FS
}
