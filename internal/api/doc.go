// Package api is the one description of the SQS API that both halves of bufeo share: a row for each action, the
// request and response structures, the queue attributes, the limits and the catalogue of errors.
//
// Server and client both work from it, so neither can drift from the other. It holds data and nothing that acts: how
// the structures travel is in package wire, what they do is in package service. Every other package may import it; it
// imports the standard library only.
//
// # The wire tag
//
// Each field of a structure that travels carries one tag, `wire:"JSON[,Query][,option]"`: the name of the member in
// AWS JSON 1.0, and the name in the Query protocol where it differs (lists and maps are singular there). Options:
//
//   - map: a slice of two-field structs that is an object in JSON (first field the key, second the value) and a
//     numbered list of structs in Query. A slice, because it keeps the order of the wire and costs no hashing.
//   - always: a list that is written even if it is empty, as [] in JSON.
//
// A pointer or a nil slice that is absent stays nil, so unset and zero are told apart wherever SQS tells them apart.
package api
