package main

import (
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// row is something that every server is measured in. They are columns of the printed table, which has the servers in its
// rows.
type row struct {
	name, title string
	kind        load.Kind
	batch       int
	wake        bool
	full        bool // the queue has a backlog
}

var rows = []*row{
	{name: "cycle10", title: "cycle, ten", kind: load.Cycle, batch: 10},
	{name: "cycle1", title: "cycle, one", kind: load.Cycle, batch: 1},
	{name: "send", title: "send, one", kind: load.Send, batch: 1},
	{name: "batch", title: "send, ten", kind: load.Send, batch: 10},
	{name: "wake", title: "wake-up", kind: load.Cycle, batch: 1, wake: true},
	{name: "backlog", title: "cycle, ten, backlog", kind: load.Cycle, batch: 10, full: true},
}

func rowNames() (names []string) {
	for _, r := range rows {
		names = append(names, r.name)
	}
	return names
}

// score is what one server did in one row.
type score struct {
	row    *row
	total  load.Result
	rates  []float64 // messages a second, by round
	audit  load.Audit
	failed string // why there is nothing, or no more

	cpu, ownCPU time.Duration // of the server and of the generator during its slices; 0 if unknown
}

func (s *score) rate() float64 { return load.Median(s.rates) }
