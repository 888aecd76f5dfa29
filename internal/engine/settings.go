package engine

import (
	"fmt"
	"strconv"

	"github.com/bufeomq/bufeo/internal/api"
)

// settings are the attributes that the engine acts on, in ms.
type settings struct {
	visibility, delay, retention, wait int64
}

func isFIFO(as api.Attributes) bool {
	v, _ := as.Get(api.FifoQueue)
	return v == "true"
}

// settingsOf reads them from a definition, which service has checked: a value that is no number is a broken invariant.
func settingsOf(as api.Attributes) settings {
	return settings{
		visibility: seconds(as, api.VisibilityTimeout),
		delay:      seconds(as, api.DelaySeconds),
		retention:  seconds(as, api.MessageRetentionPeriod),
		wait:       seconds(as, api.ReceiveMessageWaitTimeSeconds),
	}
}

func seconds(as api.Attributes, name string) int64 {
	text, ok := as.Get(name)
	if !ok {
		text = api.QueueAttributeNamed(name).Default
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("attribute %s was stored as %q", name, text))
	}
	return n * 1000
}
