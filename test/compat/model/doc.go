// Package model holds the description of the API that both halves of bufeo share (internal/api) against AWS's model, as
// aws-sdk-go-v2 was generated from it: actions, members and their types, queue attributes, system attributes, errors. It
// needs no server. It is here because the root module does without the SDK's service packages.
package model
