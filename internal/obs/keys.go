package obs

// The keys of log records. A record that says the same thing uses the same key in every package, so that a search
// for one request or one queue finds all of it.
const (
	KeyAccount   = "account"    // AWS account id, 12 digits
	KeyAction    = "action"     // SQS action, such as SendMessage
	KeyAddress   = "address"    // network address of a listener or a peer
	KeyData      = "data"       // data folder, absolute
	KeyDuration  = "duration"   // how long something took
	KeyError     = "error"      // the cause, as text
	KeyHint      = "hint"       // what the operator can do next
	KeyQueue     = "queue"      // queue name
	KeyRegion    = "region"     // region of a queue or of the request's credential scope
	KeyRequestID = "request_id" // the id that the client was told
	KeySignal    = "signal"     // signal that the process received
	KeyStack     = "stack"      // goroutine stack of a panic
	KeyVersion   = "version"    // version of the module
)
