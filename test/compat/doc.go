// Package compat holds the proof that the clients people already have work against bufeo unchanged. It is a module of
// its own so that nobody who imports bufeo inherits other people's clients.
//
// Every suite starts the real binary on a port of its own and talks to it over TCP, as a user would:
//
//	harness   builds and runs the binary, and a proxy that breaks connections on request
//	sdkv2     aws-sdk-go-v2 (AWS JSON)
//	sdkv1     aws-sdk-go v1; go.mod pins its last release that speaks AWS Query, go.json.mod its last one (AWS JSON)
//	python    boto2, boto3 (AWS JSON), boto3 of early 2023 (AWS Query) and the AWS CLI, by pytest in venvs of their own
//	cross     our own package sqs writes, boto2 reads, and the reverse, for every message class
//	requests  our own package sqs makes the requests that other clients make, byte by byte; without a server
//
// `make test` in the root of the repository runs them all. Nothing here is skipped: what is missing fails.
package compat
