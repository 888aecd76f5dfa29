package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

func TestValidNumber(t *testing.T) {
	for number, want := range map[string]bool{
		"0": true, "-0": true, "+1": true, "1.5": true, ".5": true, "5.": true, "1e3": true, "1E-3": true, "1e+3": true,
		"1493147359900": true, "-1e128": true, "1e126": true, "0e99999999999999999999": true, "1e-99999999999999999999": true,
		"1e127": false, "1.1e126": false, "-1e129": false, "-1.1e128": false, "0.1e127": true, "1e99999999999999999999": false,
		"-": false, "+": false, ".": false, "": false, "e5": false, "1e": false, "1e+": false, "1e+-5": false, "--1": false,
		"1 ": false, " 1": false, "NaN": false, "Infinity": false, "0x10": false, "1,5": false, "1_000": false, "١": false,
		strings.Repeat("9", 38) + "000": true, "0.000" + strings.Repeat("9", 38): true, strings.Repeat("9", 39): false,
	} {
		if number == "" {
			continue // refused as empty before
		}
		if got := validNumber(number); got != want {
			t.Errorf("%q: got %v, want %v", number, got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	unknown := errors.New("pebble: something broke")
	for _, c := range []struct {
		err  error
		want *api.Kind
	}{
		{engine.ErrNoQueue, api.QueueDoesNotExist},
		{engine.ErrDeletedRecently, api.QueueDeletedRecently},
		{engine.ErrPurgeInProgress, api.PurgeQueueInProgress},
		{engine.ErrOverLimit, api.OverLimit},
		{engine.ErrOverloaded, api.ServiceUnavailable},
		{engine.ErrDiskFull, api.ServiceUnavailable},
		{engine.ErrQueueStorage, api.ServiceUnavailable},
		{engine.ErrStorage, api.ServiceUnavailable},
		{engine.ErrTooManyQueues, api.TooManyQueues},
		{engine.ErrClosed, api.ServiceUnavailable},
		{unknown, api.InternalError},
		{api.InvalidDelay.New(1), api.InvalidDelay},
	} {
		e, ok := errors.AsType[*api.Error](fault(fmt.Errorf("wrapped: %w", c.err), "q"))
		if !ok || e.Kind != c.want {
			t.Errorf("%v: got %v, want %s", c.err, e, c.want.Name())
			continue
		}
		if e.Kind.Sender() {
			continue
		}
		if !errors.Is(e, c.err) {
			t.Errorf("%v: the cause is lost", c.err)
		}
		if strings.Contains(e.Message(api.JSON), c.err.Error()) {
			t.Errorf("%v: the cause is sent: %s", c.err, e.Message(api.JSON))
		}
	}
	if err := fault(context.Canceled, "q"); err != context.Canceled {
		t.Errorf("got %v, want it unchanged", err)
	}
	if err := fault(nil, "q"); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestClip(t *testing.T) {
	if got := clip(strings.Repeat("a", 1024)); len(got) != 1024 {
		t.Errorf("got %d bytes, want all 1024", len(got))
	}
	if got, want := clip("a"+strings.Repeat("ä", 600)), "a"+strings.Repeat("ä", 511)+"..."; got != want {
		t.Errorf("got %q, want it cut between characters", got)
	}
	if got := clip(strings.Repeat("\x80", 2000)); got != "..." {
		t.Errorf("got %q, want nothing of what is no UTF-8", got)
	}
}
