package engine

import (
	"context"
	"errors"
	"time"

	"github.com/bufeomq/bufeo/internal/store"
)

// A move task takes messages out of its queue as a receive would, oldest first or group by group, and mails them to
// their destinations as dead letters are mailed: the batch that deletes a message here writes it into the other queue's
// inbox, and the number moved with it. So a crash finds each message in one of the two queues, and the task where it
// was. There is one goroutine for each running task, which waits only for the disk and for its rate.
//
// A task ends with the messages that were sent before it began: it moves no message after that, or it might go on for
// ever. What is in flight then, or delayed, or behind such a message in its group, it leaves. In a FIFO queue it comes to
// each group once, in the order of their turns; those that it leaves go to the end of the rotation, behind all turns of
// that time.

// Why tasks fail, as ListMessageMoveTasks says it: the first as recorded from AWS, the second as AWS's console shows it.
const (
	moveTargetGone    = "AWS.SimpleQueueService.NonExistentQueue"
	moveSourceUnknown = "CouldNotDetermineMessageSource"
	moveUnreadable    = "InternalError"
)

// maxUnsynced is how many moved messages may wait for the disk.
const maxUnsynced = 10 * maxMoves

// resumeMoves goes on with the tasks that were running when the store was closed.
func (e *Engine) resumeMoves() {
	for _, q := range e.All() {
		q.mu.Lock()
		t := q.runningLocked()
		q.mu.Unlock()
		if t != nil {
			e.background(func() { q.runMove(t, true) })
		}
	}
}

// runMove works until the task is over. What stops it otherwise is the end of the queue, of the engine, or of the store.
func (q *Queue) runMove(t *moveTask, resumed bool) {
	err := q.move(q.e.ctx, &redrive{task: t, targets: map[Key]*Queue{}, lastTurn: t.End, resumed: resumed})
	switch {
	case err == nil, errors.Is(err, ErrNoQueue), errors.Is(err, ErrClosed), q.e.ctx.Err() != nil:
		return
	case q.e.Health() != nil: // the next start goes on
		q.e.o.Log.Error("move task stopped", "queue", q.key.ARN(), "error", err.Error())
		return
	}
	q.e.o.Log.Error("move task failed", "queue", q.key.ARN(), "error", err.Error())
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.Status != MoveRunning || q.mu.gone {
		return
	}
	t.Status, t.Failure = MoveFailed, moveUnreadable
	fx := store.NewBatch()
	fx.PutMoveTask(q.id, t.n, &t.MoveTask)
	q.appendLocked(fx)
}

func (q *Queue) move(ctx context.Context, r *redrive) error {
	pace := pace{rate: int64(r.task.PerSecond), from: q.e.now()}
	unsynced := 0
	for {
		want, wait := pace.next(q.e.now())
		if q.e.AdmitSend() != nil { // sends are refused, and this is one
			want, wait = 0, refillPause
		}
		if want == 0 {
			if err := pause(ctx, wait); err != nil {
				return err
			}
			continue
		}
		a, moved, over := q.moveSome(r, want)
		a.letters.arrive()
		if a.err != nil || over {
			return a.err
		}
		pace.done += int64(moved)
		if err := q.prepareMove(ctx, r, &a); err != nil {
			return err
		}
		if unsynced += moved; unsynced >= maxUnsynced {
			unsynced = 0
			if err := q.e.wait(a.pending); err != nil {
				return err
			}
		}
	}
}

func pause(ctx context.Context, ms int64) error {
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prepareMove does what the last step could not do under the queue's lock: it looks up the queue that the next message
// goes to, and reads what is on disk.
func (q *Queue) prepareMove(ctx context.Context, r *redrive, a *attempt) error {
	if r.unknown != (Key{}) {
		r.targets[r.unknown] = q.e.known(r.unknown) // nil: there is none
		r.unknown = Key{}
	}
	if !a.again() {
		return nil
	}
	return q.fetch(ctx, a)
}

// moveSome moves up to want messages under one hold of the lock.
func (q *Queue) moveSome(r *redrive, want int) (a attempt, moved int, over bool) {
	now, err := q.lock()
	if err != nil {
		return attempt{err: err}, 0, true
	}
	defer q.unlock(now)
	if r.task.Status != MoveRunning {
		return a, 0, true
	}
	if r.resumed {
		r.resumed, r.lastTurn = false, q.mu.counters.NextSeq-1
	}
	r.room, r.finished = want, false
	d := draw{q: q, a: &a, now: now, want: 1, fx: store.NewBatch(), redrive: r} // none is received, so it wants one all along
	if q.fifo {
		d.moveGroups()
	} else {
		d.moveOldest()
	}
	r.task.Moved += int64(d.moved.n)
	over = r.end()
	if d.dirty {
		q.mu.segments.flush(q.id, d.fx)
		d.fx.PutCounters(q.id, q.countersLocked())
	}
	if d.moved.n > 0 && plantedFault != faultMoveCountNotLogged || over {
		d.fx.PutMoveTask(q.id, r.task.n, &r.task.MoveTask)
	}
	a.letters.post(q, d.fx)
	a.pending = q.mu.last
	if d.short && !over {
		a.refill = q.startRefillLocked()
	}
	return a, d.moved.n, over
}

// redrive is what a draw does for a move task.
type redrive struct {
	task    *moveTask
	targets map[Key]*Queue // by what messages name; nil: there is no such queue
	unknown Key            // the one to look up next
	// lastTurn is the last in a FIFO queue's rotation that the task comes to: the last of when it started or, if it goes on after
	// a restart, of then, since groups that were received from have got new turns.
	lastTurn uint64
	resumed  bool // after a restart, and there was no step yet

	room     int  // how many more to move under this hold of the lock
	busy     bool // the next one's inbox is in use
	finished bool // nothing is left to move
	failure  string
}

// stopped reports whether the draw cannot go on for now.
func (r *redrive) stopped() bool {
	return r.room == 0 || r.busy || r.failure != "" || r.unknown != (Key{})
}

// beyond reports whether a message came after the task. A draw without a task has nothing beyond.
func (r *redrive) beyond(e *entry) bool { return r != nil && e.seq > r.task.End }

// end ends the task if it is finished or has failed.
func (r *redrive) end() bool {
	r.busy = false
	switch {
	case r.failure != "":
		r.task.Status, r.task.Failure = MoveFailed, r.failure
	case r.finished:
		r.task.Status = MoveCompleted
	default:
		return false
	}
	return true
}

// moveOldest goes through a standard queue. No tenant is noisy here: the order is the plain one, so that what is beyond
// the end of the task comes last.
func (d *draw) moveOldest() {
	q := d.q
	q.calmLocked(d.now, true)
	for !d.blocked() {
		e, g, short := q.oldestLocked(d.now)
		if d.short = short; short {
			break
		}
		if e == nil {
			d.redrive.finished = q.advanceLocked(d.now)
			break
		}
		if g != nil && (len(d.drawn) == 0 || d.drawn[len(d.drawn)-1] != g) {
			d.drawn = append(d.drawn, g)
		}
		if d.redrive.beyond(e) {
			d.putBack(e)
			d.redrive.finished = q.advanceLocked(d.now)
			break
		}
		if d.redrive.room == 0 {
			d.putBack(e)
			break
		}
		d.take(e)
	}
	for _, g := range d.drawn {
		q.settleGroupLocked(g, d.now, d.fx)
	}
}

// blocked is full for a loop that looks one message further than it has room for, to see whether it is the last.
func (d *draw) blocked() bool { return d.redrive.room > 0 && d.full() }

// moveGroups goes through a FIFO queue. A group that was not finished keeps its turn.
func (d *draw) moveGroups() {
	q, r := d.q, d.redrive
	for !d.blocked() && !d.short {
		g := d.nextGroup()
		if g == nil || g.turn > r.lastTurn {
			r.finished = !d.short && q.advanceLocked(d.now)
			break
		}
		if r.room == 0 {
			break
		}
		d.received(g)
		if !d.short && !d.full() {
			g.leave()
			q.unindexLocked(g, d.fx)
			d.dirty = true
		}
		q.settleFIFOLocked(g, d.now, false, d.fx)
	}
}

// moveOn sends a message where the task says, as a new message.
func (d *draw) moveOn(e *entry) {
	if e.msg == nil {
		d.putBack(e)
		d.readAhead(e)
		return
	}
	if !d.moved.fits(e.size) {
		d.putBack(e)
		d.redrive.room = 0 // the next step goes on
		return
	}
	box := d.destination(e.msg)
	if box == nil {
		d.putBack(e)
		return
	}
	msg := *e.msg
	msg.ID, msg.SentAt, msg.Delay = d.q.e.newID(), d.now, 0
	msg.Receives, msg.FirstReceive, msg.SourceARN = 0, 0, ""
	d.mail(e, box, &msg)
	d.redrive.room--
}

// destination opens the inbox that a message goes to. nil: not now, or never, as the redrive then knows.
func (d *draw) destination(msg *Message) *mail {
	r := d.redrive
	arn := r.task.Destination
	if arn == "" {
		arn = msg.SourceARN
	}
	k, ok := KeyOfARN(arn)
	if !ok {
		r.failure = moveSourceUnknown
		return nil
	}
	target, known := r.targets[k]
	switch {
	case !known:
		r.unknown = k
		return nil
	case target == nil:
		r.failure = moveTargetGone
		return nil
	}
	box, busy := d.a.letters.to(target)
	switch {
	case busy:
		r.busy = true
	case box == nil: // deleted; there may be a new one of that name
		delete(r.targets, k)
		r.unknown = k
	}
	return box
}

// pace spreads a task's messages over time: the first at once, then one every 1/rate seconds. What a pause has cost is
// not caught up with.
type pace struct {
	rate int64 // messages a second; 0: no limit
	from int64 // ms
	done int64 // since
}

// next is how many may move now, up to maxMoves, or else how long to wait, in ms.
func (p *pace) next(now int64) (want int, wait int64) {
	if p.rate == 0 {
		return maxMoves, 0
	}
	allowed := (now-p.from)*p.rate/1000 + 1 - p.done
	if allowed > p.rate {
		p.from, p.done, allowed = now, 0, 1
	}
	if allowed <= 0 {
		return 0, max(1, p.from+(p.done*1000+p.rate-1)/p.rate-now)
	}
	return int(min(allowed, maxMoves)), 0
}
