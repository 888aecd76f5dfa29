package gateway

import (
	"testing"
	"time"
)

// Processors are behind when somebody waits for them and they have no time left: not when many things come at once, and not when
// they are busy with as much as they can do.
func TestLateness(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration // of who lets others go first
		use  float64       // of the time of both processors
		want bool
	}{
		{"idle", 0, .1, false},
		{"at once", 5 * time.Millisecond, .5, false},
		{"busy", 100 * time.Microsecond, .95, false},
		{"behind", 5 * time.Millisecond, .95, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var now time.Duration
			l := &lateness{processors: 2, now: func() int64 { return int64(now) }, cpu: func() int64 { return int64(2 * c.use * float64(now)) },
				yield: func() { now += c.wait }}
			var got bool
			for range 20 * lateEvery {
				now += time.Millisecond
				got = l.late()
			}
			if got != c.want {
				t.Errorf("got %v, want %v: mean %v, busy %v", got, c.want, time.Duration(l.mean.Load()), l.busy.Load())
			}
			l.yield, l.cpu = func() {}, func() int64 { return 0 }
			for range 20 * lateEvery {
				now += time.Millisecond
				got = l.late()
			}
			if got {
				t.Errorf("still behind when there is nothing to do: mean %v, busy %v", time.Duration(l.mean.Load()), l.busy.Load())
			}
		})
	}
}
