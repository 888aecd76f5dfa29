package engine

import (
	"encoding/json"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
)

// redrivePolicy is the RedrivePolicy attribute.
type redrivePolicy struct {
	target Key
	max    int64 // receives
}

func redriveOf(as api.Attributes) *redrivePolicy {
	text, ok := as.Get(api.RedrivePolicy)
	if !ok {
		return nil
	}
	var p struct {
		Target string `json:"deadLetterTargetArn"`
		Max    int64  `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic("attribute RedrivePolicy was stored as " + text) // service checks it
	}
	k, ok := KeyOfARN(p.Target)
	if !ok {
		panic("attribute RedrivePolicy was stored as " + text)
	}
	return &redrivePolicy{target: k, max: p.Max}
}

// KeyOfARN reads the ARN of a queue.
func KeyOfARN(arn string) (Key, bool) {
	p := strings.Split(arn, ":")
	if len(p) != 6 || p[0] != "arn" || p[2] != "sqs" || p[3] == "" || p[4] == "" || p[5] == "" {
		return Key{}, false
	}
	return Key{Region: p[3], Account: p[4], Name: p[5]}, true
}
