// Package gateway is bufeo's front door: an http.Handler that takes SQS requests in both protocols, hands them to
// package service and writes the answers.
//
// The way of a request, one file each:
//
//	request id       request_id.go  before anything can fail, since every answer carries it
//	protocol         sniff.go       AWS JSON 1.0 or Query; it also decides how a refusal looks
//	web pages        webpage.go     refused: browsers send requests that their users know nothing of
//	method, body     body.go        a cap on its size, a deadline for its arrival
//	action           routes.go      the row of package api, bound to the method of package service
//	caller           caller.go      region and access key from the credential scope, public URL
//	answer           answer.go      encoded into one buffer, with a Content-Length and a deadline
//
// Errors leave by one door (fail, in answer.go). A 5xx's cause is logged there, once, and never sent; the request id,
// which the client was told, is the link between the two. No body, attribute value, receipt handle or Authorization
// header reaches the log.
//
// Credentials are not verified yet: the caller is whoever the request says.
//
// Package server uses it. It imports service, wire, api and obs.
package gateway
