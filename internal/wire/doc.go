// Package wire is how the structures of package api travel: AWS JSON 1.0 and the Query protocol, in both directions,
// and the MD5 digests that let the two ends check each other.
//
// Everything is driven by the `wire` struct tags that api documents. The first use of a type compiles them into a plan
// (plan.go); after that a request costs one walk over plan and structure, with no maps and no generated code. Nothing
// here validates: what is well-formed but wrong is for package service to refuse.
//
// The server decodes requests and appends answers (DecodeJSON, DecodeQuery, AppendJSON, AppendXML and their errors);
// the client does the reverse (AppendJSON, AppendQuery, DecodeJSON, DecodeXML). Faults of a request are *api.Error and
// can be sent as they are; faults of an answer are plain errors.
//
// Packages gateway and sqs use it. It imports api, the standard library and jsontext.
package wire
