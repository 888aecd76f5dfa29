package gateway

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/room"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/wire"
)

// Handler answers SQS requests. Make one with New; it is safe for concurrent use.
type Handler struct {
	o       Options
	service *service.Service
	routes  map[string]*route
	pages   pageGuard
	faults  *faultLog
	places  *room.Room    // for sends
	late    func() bool   // the processors are behind
	drains  chan struct{} // full while maxDrains bodies are thrown away
	memory  *memory       // of bodies and answers
}

var _ http.Handler = (*Handler)(nil)

// New returns a handler that serves s. o may be nil; what is in it must make sense, which package server checks.
func New(s *service.Service, o *Options) *Handler {
	d := o.withDefaults()
	h := &Handler{
		o:       d,
		service: s,
		routes:  routes(),
		pages:   newPageGuard(&d),
		faults:  newFaultLog(d.Log, d.Now),
		memory:  newMemory(d.BodyMemory, d.MaxBody),
		places:  newPlaces(d.Sends),
		late:    newLateness().late,
		drains:  make(chan struct{}, maxDrains),
	}
	return h
}

// exchange is one request and its answer.
type exchange struct {
	*Handler
	w         http.ResponseWriter
	r         *http.Request
	control   *http.ResponseController
	id        string // of the request
	protocol  api.Protocol
	action    string        // as the client names it; "" until it is known
	body      *bytes.Buffer // JSON: the document; pooled, so nothing may keep memory of it
	rank      room.Rank
	taken     int          // of Handler.memory
	answer    int64        // bytes of messages that will be in the answer
	reserved  int64        // of taken, for them
	waitUntil time.Time    // a receive: for memory
	unread    bool         // the body, because the request was refused before
	began     time.Time    // when the body began to arrive, if it has taken memory
	got       atomic.Int64 // how much of it is there
	gaveWay   atomic.Bool  // it was too slow
	placed    atomic.Int64 // how many of Handler.places it has
	params    wire.Params  // Query: the parameters
	rendered  bool         // Query: the answer is XML written as JSON
	answered  bool
}

// ServeHTTP answers one request. It survives panics of everything below it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{
		Handler:  h,
		w:        w,
		r:        r,
		control:  http.NewResponseController(w),
		id:       newRequestID(),
		protocol: sniff(r),
	}
	defer x.leave()
	defer x.giveBack() // also after a panic with http.ErrAbortHandler, which recovered passes on
	defer x.recovered()
	LimitBody(w, r, h.o.BodyTimeout)
	if r.Header.Get("Expect") != "" {
		// What is left of the last answer's deadline must not hit the "100 Continue" of this request.
		x.control.SetWriteDeadline(time.Time{})
	}
	rt, out, err := x.serve()
	x.leave() // all of it before the answer, which may have to wait for its client
	x.release()
	if x.reserved == 0 {
		x.giveBack()
	}
	if err != nil {
		x.fail(err)
		return
	}
	x.succeed(rt, out)
}

// serve does what the request asks for.
func (x *exchange) serve() (*route, any, error) {
	if err := x.pages.check(x.r); err != nil {
		return nil, nil, err
	}
	if isPeek(x.r.URL.Path) {
		return x.peek()
	}
	if err := x.checkMethod(); err != nil {
		return nil, nil, err
	}
	rt, err := x.receive()
	if err != nil {
		return nil, nil, err
	}
	out, err := x.run(rt)
	return rt, out, err
}

// receive reads the request as far as it takes to know the action, which in JSON is a header.
func (x *exchange) receive() (*route, error) {
	if x.protocol == api.JSON {
		rt, err := x.route(target(x.r))
		if err != nil {
			return nil, err
		}
		x.rank = rankOf(rt.name)
		return rt, x.readBody()
	}
	if err := x.readForm(); err != nil {
		return nil, err
	}
	action, ok := x.params.Lookup("Action")
	if !ok {
		return nil, errNoAction
	}
	rt, err := x.route(action)
	if err != nil {
		return nil, err
	}
	x.rank = rankOf(rt.name)
	return rt, x.enter()
}

// decode fills the input of an action.
func (x *exchange) decode(into any) error {
	if x.protocol == api.JSON {
		return wire.DecodeJSON(x.body.Bytes(), into)
	}
	return wire.DecodeQuery(&x.params, into)
}
