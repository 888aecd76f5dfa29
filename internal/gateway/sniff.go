package gateway

import (
	"net/http"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// The content types of requests and answers.
const (
	jsonType      = "application/x-amz-json-1.0"
	plainJSONType = "application/json"
	formType      = "application/x-www-form-urlencoded"
)

const targetHeader = "X-Amz-Target"

// sniff tells the protocol of a request from its headers. JSON is what has an SQS target or the content type of AWS
// JSON 1.0, whatever the path (PHP posts to queue URLs); with any target the types of sloppier clients will do, too.
// Everything else is Query.
func sniff(r *http.Request) api.Protocol {
	t := r.Header.Get(targetHeader)
	if strings.HasPrefix(t, api.TargetPrefix) {
		return api.JSON
	}
	switch mediaType(r) {
	case jsonType:
		return api.JSON
	case "application/x-amz-json-1.1", plainJSONType:
		if t != "" {
			return api.JSON
		}
	}
	return api.Query
}

// target is the action that a JSON request names. A target of another service is no action of ours, so it stays as it
// is, and is not found.
func target(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get(targetHeader), api.TargetPrefix)
}

// mediaType is the content type of a request in lower case, without parameters. Package mime would refuse parameters
// that are malformed, and no parameter means anything here.
func mediaType(r *http.Request) string {
	t, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}
