package service

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// ListQueues tells the URLs of the caller's queues in the region, sorted by name.
//
// Inputs: QueueNamePrefix, case-sensitive; MaxResults, 1 to 1,000; NextToken of an earlier answer.
//
// Order of checks: MaxResults; NextToken.
//
// Errors: InvalidParameterValue for either.
//
// AWS quirks kept: without MaxResults at most 1,000 URLs and never a NextToken, whether or not there are more; with it,
// a NextToken exactly if there are more (recorded). A token goes on with another page size, with the same prefix only.
//
// Gaps: none.
func (s *Service) ListQueues(_ context.Context, c *Call, in *api.ListQueuesInput) (*api.ListQueuesOutput, error) {
	max, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	prefix := orEmpty(in.QueueNamePrefix)
	after, ok := readToken(orEmpty(in.NextToken), prefix)
	if !ok {
		return nil, api.InvalidNextToken.New()
	}
	names, more := s.engine.List(c.Account, c.Region, prefix, after, max)
	out := &api.ListQueuesOutput{}
	for _, name := range names {
		k := engine.Key{Account: c.Account, Region: c.Region, Name: name}
		out.QueueURLs = append(out.QueueURLs, c.queueURL(k))
	}
	if more && in.MaxResults != nil && len(names) > 0 {
		token := makeToken(prefix, names[len(names)-1])
		out.NextToken = &token
	}
	return out, nil
}

// pageSize is how many queues a listing has at most, of MaxResults if it is given.
func pageSize(maxResults *int) (int, error) {
	switch {
	case maxResults == nil:
		return api.MaxListResults, nil
	case *maxResults < 1, *maxResults > api.MaxListResults:
		return 0, api.InvalidMaxResults.New(*maxResults)
	}
	return *maxResults, nil
}

// tokenVersion begins a token, so that a later format can be told apart.
const tokenVersion = "1"

// makeToken returns the token that goes on after a name. It keeps the prefix, or the ARN, that it was issued for; nothing in it is
// secret, and a forged one lists what ListQueues would list anyway.
func makeToken(prefix, after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(tokenVersion + "\x00" + prefix + "\x00" + after))
}

// readToken returns the name after which a token goes on; "" is no token and begins at the beginning.
func readToken(token, prefix string) (after string, ok bool) {
	if token == "" {
		return "", true
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	after, ok = strings.CutPrefix(string(text), tokenVersion+"\x00"+prefix+"\x00")
	return after, ok && validName(strings.TrimSuffix(after, fifoSuffix), api.MaxQueueName)
}
