package gateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/wire"
)

// PeekPath is where messages can be looked at without receiving them, as in LocalStack:
//
//	GET or POST /_aws/sqs/messages                             with QueueUrl, as for a ReceiveMessage
//	GET         /_aws/sqs/messages/{region}/{account}/{queue}
//
// ShowInvisible=true and ShowDelayed=true add the messages that cannot be received now. The answer is that of a
// ReceiveMessage in the protocol of the request, so a client that has this address for its endpoint can call
// ReceiveMessage there. To Accept: application/json it is the XML document written as JSON (see xmlAsJSON). No queue can
// be in its way: a queue's path has two segments, of which the first is an account.
const PeekPath = "/_aws/sqs/messages"

// peekRoute names the action of the answer, and the request in logs.
var peekRoute = &route{name: "ReceiveMessage"}

// isPeek reports whether a path is PeekPath or below it.
func isPeek(path string) bool {
	rest, ok := strings.CutPrefix(path, PeekPath)
	return ok && (rest == "" || rest[0] == '/')
}

// peek serves a request to PeekPath.
func (x *exchange) peek() (*route, any, error) {
	x.rendered = x.protocol == api.Query && acceptsJSON(x.r) // errors, too
	if m := x.r.Method; m != http.MethodGet && m != http.MethodPost {
		x.w.Header().Set("Allow", "GET, POST")
		return nil, nil, api.MethodNotAllowed.New(clip(m), "GET or POST")
	}
	x.action = "PeekMessages"
	in, err := x.peekInput()
	if err != nil {
		return nil, nil, err
	}
	out, err := x.service.PeekMessages(x.r.Context(), x.call(), in)
	return peekRoute, out, err
}

// peekInput reads the parameters: of the path, of the URL, and of a form or a JSON document.
func (x *exchange) peekInput() (*service.PeekMessagesInput, error) {
	in := &service.PeekMessagesInput{}
	if err := x.readPeekBody(in); err != nil {
		return nil, err
	}
	in.ShowInvisible = isOn(x.params.Get("ShowInvisible"))
	in.ShowDelayed = isOn(x.params.Get("ShowDelayed"))
	if rest := strings.Trim(strings.TrimPrefix(x.r.URL.Path, PeekPath), "/"); rest != "" {
		region, queue, ok := strings.Cut(rest, "/")
		if !ok || !validRegion(region) || strings.Count(queue, "/") != 1 {
			return nil, api.InvalidAddress.New(clip(x.r.URL.Path))
		}
		in.Region, in.QueueURL = region, queue
	}
	return in, nil
}

// readPeekBody reads QueueUrl. A client that calls another action than ReceiveMessage took this address for that of the
// service, and should be told.
func (x *exchange) readPeekBody(in *service.PeekMessagesInput) error {
	if x.protocol == api.Query {
		if err := x.readForm(); err != nil {
			return err
		}
		in.QueueURL = x.params.Get("QueueUrl")
		return onlyReceive(x.params.Get("Action"))
	}
	if err := x.params.Add(x.r.URL.RawQuery); err != nil {
		return err
	}
	if err := x.readBody(); err != nil {
		return err
	}
	doc := struct {
		QueueURL string `wire:"QueueUrl"`
	}{x.params.Get("QueueUrl")}
	if x.body.Len() > 0 {
		if err := wire.DecodeJSON(x.body.Bytes(), &doc); err != nil {
			return err
		}
	}
	in.QueueURL = doc.QueueURL
	return onlyReceive(target(x.r))
}

func onlyReceive(action string) error {
	if action != "" && action != peekRoute.name {
		return api.InvalidAction.New(clip(action))
	}
	return nil
}

// isOn takes what LocalStack takes.
func isOn(v string) bool { return v == "1" || strings.EqualFold(v, "true") }

// acceptsJSON reports whether a request asks for JSON in its Accept header, whatever else it would take.
func acceptsJSON(r *http.Request) bool {
	return slices.ContainsFunc(strings.Split(r.Header.Get("Accept"), ","), func(t string) bool {
		t, _, _ = strings.Cut(t, ";")
		t = strings.ToLower(strings.TrimSpace(t))
		return t == plainJSONType
	})
}
