package service

import (
	"errors"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// queue finds the queue that a request names: by QueueUrl, else, in Query, by the path of the request.
//
//   - Only the last two segments of the path count, account and name. Scheme, host and port may be anything, because a
//     URL outlives the address that it was made for (AWS accepts foreign hosts, recorded).
//   - A QueueUrl without any slash is a name in the caller's own account.
//   - Query without a queue anywhere is InvalidAddress; every other URL that names no queue is QueueDoesNotExist.
func (s *Service) queue(c *Call, queueURL string) (*engine.Queue, error) {
	k, err := c.key(queueURL)
	if err != nil {
		return nil, err
	}
	return s.open(k)
}

// open finds a queue by its key.
func (s *Service) open(k engine.Key) (*engine.Queue, error) {
	q, err := s.engine.Queue(k)
	if errors.Is(err, engine.ErrNoQueue) {
		s.strays.report(k, s.engine.Regions)
	}
	if err != nil {
		return nil, fault(err, k.Name)
	}
	return q, nil
}

func (c *Call) key(queueURL string) (engine.Key, error) {
	k := engine.Key{Account: c.Account, Region: c.Region}
	var ok bool
	switch {
	case queueURL == "" && c.Protocol == api.Query:
		if k.Account, k.Name, ok = lastTwo(c.Path); !ok {
			return k, api.InvalidAddress.New(clip(c.BaseURL + c.Path))
		}
		return k, nil
	case !strings.Contains(queueURL, "/"):
		k.Name, ok = queueURL, queueURL != ""
	default:
		k.Account, k.Name, ok = lastTwo(urlPath(queueURL))
	}
	if !ok {
		return k, api.QueueDoesNotExist.New()
	}
	return k, nil
}

// urlPath is the path of an absolute URL, and anything else as it is. net/url would refuse URLs that AWS takes.
func urlPath(u string) string {
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	_, rest, absolute := strings.Cut(u, "://")
	if !absolute {
		return u
	}
	_, path, _ := strings.Cut(rest, "/")
	return path
}

// lastTwo returns the last two segments of a path, and whether there are two.
func lastTwo(path string) (account, name string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", "", false
	}
	account, name = path[:i], path[i+1:]
	account = account[strings.LastIndexByte(account, '/')+1:]
	return account, name, account != "" && name != ""
}
