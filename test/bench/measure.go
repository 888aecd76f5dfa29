package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/process"
)

// row is what one server did of one operation.
type row struct {
	op       operation
	server   string
	total    load.Result    // all rounds
	after    load.Histogram // wake only
	rates    []float64      // operations a second, round by round
	messages []float64      // messages a second, likewise
	audit    *load.Audit    // nil for a server that keeps nothing
	cpu      time.Duration  // of the server during its slices; 0 if unknown
	ownCPU   time.Duration  // of the generator during them
	// idleCPU is what the server used while the other one was driven: compaction, say. It is paid by the other side,
	// which makes the ratio too good, so it is shown if it is much.
	idleCPU, idleTime time.Duration
}

// settle is the pause between slices, in which collectors and compactions of the server before come to an end.
const settle = 300 * time.Millisecond

// measure runs every operation and returns the rows that are complete.
func (b *bench) measure(ctx context.Context) ([]*row, error) {
	var rows []*row
	for _, op := range b.ops {
		run := b.compare
		if op.wake {
			run = b.wake
		}
		done, err := run(ctx, op)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", op.name, err)
		}
		rows = append(rows, done...)
	}
	return rows, nil
}

// side is a server with its queue, its row and what was acknowledged.
type side struct {
	*server
	row *row
	job *load.Job
}

func (b *bench) newSide(ctx context.Context, s *server, op operation) (*side, error) {
	// The bare handler has no queues; the name is as long as a real one.
	queueURL := "http://" + s.target.Addr + "/000000000000/bench-send-0123456789abcdef"
	if s.keeps {
		var err error
		name := fmt.Sprintf("bench-%s-%016x", op.name, rand.Uint64())
		if queueURL, err = s.target.CreateQueue(ctx, name); err != nil {
			return nil, err
		}
	}
	return &side{
		server: s,
		row:    &row{op: op, server: s.name},
		job: &load.Job{
			Kind: op.kind, Target: &s.target, QueueURL: queueURL, Ledger: load.NewLedger(), Batch: op.batch, BodySize: b.body,
		},
	}, nil
}

// compare drives the servers in turns, round by round, and checks afterwards what was acknowledged.
func (b *bench) compare(ctx context.Context, op operation) ([]*row, error) {
	var sides []*side
	var rows []*row
	for _, s := range []*server{b.bare, b.bufeo} {
		if s == nil {
			continue
		}
		sd, err := b.newSide(ctx, s, op)
		if err != nil {
			return nil, err
		}
		sides, rows = append(sides, sd), append(rows, sd.row)
	}
	for _, sd := range sides {
		if _, err := sd.job.Run(ctx, b.conns, b.warmUp); err != nil {
			return nil, err
		}
	}
	for round := range b.rounds {
		for _, sd := range sides {
			time.Sleep(settle)
			if err := sd.slice(ctx, b.conns, b.duration, sides); err != nil {
				return nil, err
			}
		}
		b.tell(op, round, rows)
	}
	for _, sd := range sides {
		if err := sd.audit(ctx, b.endpoint != ""); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// slice drives one side for d and notes what it did, and what the others used meanwhile.
func (sd *side) slice(ctx context.Context, conns int, d time.Duration, all []*side) error {
	before := make([]time.Duration, len(all))
	for i, s := range all {
		before[i], _ = process.CPUTime(s.pid)
	}
	own, _ := process.CPUTime(os.Getpid())
	res, err := sd.job.Run(ctx, conns, d)
	if err != nil {
		return err
	}
	ownAfter, _ := process.CPUTime(os.Getpid())
	sd.row.ownCPU += ownAfter - own
	for i, s := range all {
		after, _ := process.CPUTime(s.pid)
		if s == sd {
			s.row.cpu += after - before[i]
			continue
		}
		s.row.idleCPU += after - before[i]
		s.row.idleTime += res.Elapsed
	}
	sd.row.total.Merge(res)
	sd.row.rates = append(sd.row.rates, res.StepsPerSecond())
	sd.row.messages = append(sd.row.messages, res.MessagesPerSecond())
	return nil
}

// audit checks a server that keeps messages. The queue is deleted on a server that goes on; bufeo's own is not, since
// the space it would reclaim then is time that the next operation is measured in.
func (sd *side) audit(ctx context.Context, remove bool) error {
	if !sd.keeps {
		return nil
	}
	check := sd.target.AuditEmptied
	if sd.row.op.kind == load.Send && !sd.row.op.wake {
		check = sd.target.AuditSent
	}
	a, err := check(ctx, sd.job.QueueURL, sd.job.Ledger)
	if err != nil {
		return err
	}
	if sd.row.audit == nil {
		sd.row.audit = &load.Audit{}
	}
	sd.row.audit.Add(a)
	if remove {
		return sd.target.DeleteQueue(ctx, sd.job.QueueURL)
	}
	return nil
}

// maxPairs is how many long polls wait at once, each on a queue of its own: enough to have samples for a p99.9 in 15 s,
// few enough that the latency is that of a wake-up and not of a queue in front of a core.
const maxPairs = 8

// wake measures long polls. The bare handler has none to compare with.
func (b *bench) wake(ctx context.Context, op operation) ([]*row, error) {
	if b.bufeo == nil {
		return nil, nil
	}
	r := &row{op: op, server: b.bufeo.name}
	var sides []*side
	var jobs []*load.Job
	for range min(maxPairs, b.conns) {
		sd, err := b.newSide(ctx, b.bufeo, op)
		if err != nil {
			return nil, err
		}
		sd.row = r
		sides, jobs = append(sides, sd), append(jobs, sd.job)
	}
	cpu, _ := process.CPUTime(b.bufeo.pid)
	own, _ := process.CPUTime(os.Getpid())
	res, err := load.RunWake(ctx, jobs, time.Duration(b.rounds)*b.duration)
	if err != nil {
		return nil, err
	}
	cpuAfter, _ := process.CPUTime(b.bufeo.pid)
	ownAfter, _ := process.CPUTime(os.Getpid())
	r.total, r.after, r.cpu, r.ownCPU = res.Result, res.After, cpuAfter-cpu, ownAfter-own
	r.rates, r.messages = []float64{res.StepsPerSecond()}, []float64{res.MessagesPerSecond()}
	for _, sd := range sides {
		if err := sd.audit(ctx, b.endpoint != ""); err != nil {
			return nil, err
		}
	}
	return []*row{r}, nil
}

func (b *bench) tell(op operation, round int, rows []*row) {
	fmt.Fprintf(b.progress, "%s %d/%d:", op.name, round+1, b.rounds)
	for _, r := range rows {
		fmt.Fprintf(b.progress, "  %s %.0f/s", r.server, r.rates[round])
	}
	fmt.Fprintln(b.progress)
}
