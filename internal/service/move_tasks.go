package service

import (
	"encoding/base64"
	"encoding/json"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// taskHandle is what a task's handle says. AWS's says the same (recorded), and there is nothing secret in it: who may
// cancel a task is decided by its source queue.
type taskHandle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func (h taskHandle) String() string { return base64.StdEncoding.EncodeToString([]byte(compact(h))) }

func readTaskHandle(text string) (h taskHandle, ok bool) {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(decoded, &h) != nil {
		return h, false
	}
	return h, h.TaskID != "" && h.SourceARN != ""
}

// moveQueue finds a queue that a move task names by its ARN. missing is the fault of one that is not there; those of
// other accounts and regions never are.
func (s *Service) moveQueue(c *Call, arn string, missing *api.Kind) (*engine.Queue, error) {
	k, ok := parseARN(arn)
	if !ok || k.Account != c.Account || k.Region != c.Region {
		return nil, missing.New()
	}
	q, err := s.engine.Queue(k)
	if err != nil {
		return nil, missing.New()
	}
	return q, nil
}

// moveSource finds the queue of a SourceArn.
func (s *Service) moveSource(c *Call, arn string) (*engine.Queue, error) {
	if arn == "" {
		return nil, api.MissingParameter.New("SourceArn")
	}
	if _, ok := parseARN(arn); !ok {
		return nil, api.InvalidMoveARN.New("SourceArn")
	}
	return s.moveQueue(c, arn, api.MoveSourceDoesNotExist)
}
