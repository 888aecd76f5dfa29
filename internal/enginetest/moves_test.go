package enginetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/internal/engine"
)

// task is a message move task as ListMessageMoveTasks tells of it, and what it has yet to do. It moves the messages that
// were in its queue at the start and that could be received when it comes to them: in a standard queue the oldest first, in
// a FIFO queue group after group. The search lets it move one message at any moment.
type task struct {
	id       string
	to       string // ARN; "": where the dead letters came from
	rate     int64
	status   engine.MoveStatus
	moved    int64
	toMove   [2]int // two counts that are right
	failure  string
	from     int64           // since when the rate counts, and
	base     int64           // what was moved before
	group    string          // FIFO: the one that it is at
	expected map[string]bool // FIFO: groups that it may not leave out
}

func (t *task) clone() *task {
	c := *t
	c.expected = maps.Clone(t.expected)
	return &c
}

// due is when a task moves its next message, if it has one.
func (t *task) due() int64 {
	if t.rate == 0 {
		return t.from
	}
	return t.from + ((t.moved-t.base)*1000+t.rate-1)/t.rate
}

func (q *queue) running() *task {
	if n := len(q.tasks); n > 0 && q.tasks[n-1].status == engine.MoveRunning {
		return q.tasks[n-1]
	}
	return nil
}

// startMove is section 2.17 of the manual.
func (w *world) startMove(q *queue, t *task, got error) bool {
	switch {
	case q.running() != nil:
		return got == engine.ErrMoveRunning || w.no("a second task: got %v", got)
	case got != nil:
		return w.no("got %v", got)
	}
	t = t.clone()
	t.from, t.expected = w.now, map[string]bool{}
	c, rounded := w.count(q)
	t.toMove = [2]int{c.Visible, rounded.Visible}
	for _, m := range q.msgs {
		m.task = t.id
	}
	if q.tasks = append(q.tasks, t); len(q.tasks) > 10 {
		q.tasks = q.tasks[1:]
	}
	for g, m := range w.movable(q, t) {
		t.expected[g] = m != nil && q.fifo
	}
	return true
}

func (w *world) cancelMove(q *queue, id string, moved int64, got error) bool {
	want, n := engine.ErrNoMove, int64(0)
	for _, t := range q.tasks {
		switch {
		case t.id != id:
		case t.status != engine.MoveRunning:
			want = engine.ErrMoveOver
		default:
			want, n = nil, t.moved
			t.status = engine.MoveCancelled
		}
	}
	if got != want || moved != n {
		return w.no("cancel: got %d, %v, want %d, %v", moved, got, n, want)
	}
	return true
}

// movable has the message that a task can move next: of each group, in a FIFO queue.
func (w *world) movable(q *queue, t *task) map[string]*message {
	next, passed := map[string]*message{}, map[string]bool{}
	for _, m := range q.msgs {
		g := ""
		if q.fifo {
			g = m.content.GroupID
		}
		if can := w.visible(q, m) && m.task == t.id; !passed[g] && can {
			next[g] = m
		} else if !q.fifo {
			continue // it is passed by
		}
		passed[g] = true
	}
	return next
}

// taskSteps is every world that one more step of the tasks can lead to.
func (w *world) taskSteps() (worlds []*world) {
	for _, name := range slices.Sorted(maps.Keys(w.queues)) {
		q := w.queues[name]
		t := q.running()
		if t == nil {
			continue
		}
		next := w.movable(q, t)
		over := true
		for g := range next {
			over = over && q.fifo && !t.expected[g]
		}
		if over {
			c := w.clone()
			c.queues[name].running().status = engine.MoveCompleted
			worlds = append(worlds, c)
		}
		for g, m := range next {
			if t.due() > w.now {
				break
			}
			if g != t.group && t.expected[t.group] && t.expected[g] {
				continue // first it finishes the group that it is at, but for one whose delay ends meanwhile
			}
			c := w.clone()
			c.moveOn(c.queues[name], m.id, g)
			worlds = append(worlds, c)
		}
	}
	return worlds
}

// moveOn moves one message, as a new one, or ends the task.
func (w *world) moveOn(q *queue, id, group string) {
	t, m := q.running(), q.message(id)
	to := t.to
	if to == "" {
		to = m.source
	}
	target := w.queues[to[strings.LastIndex(to, ":")+1:]]
	switch {
	case to == "":
		t.status, t.failure = engine.MoveFailed, "CouldNotDetermineMessageSource"
		return
	case target == nil:
		t.status, t.failure = engine.MoveFailed, "AWS.SimpleQueueService.NonExistentQueue"
		return
	}
	expected := t.expected[group]
	q.remove(m)
	t.moved++
	t.group = group
	if q.fifo {
		t.expected[group] = expected && w.movable(q, t)[group] != nil
	}
	w.unnamed++
	moved := &message{id: fmt.Sprint(unnamed, w.unnamed, " was ", m.id), content: m.content, from: arn(q.name), sentAt: w.now,
		arriving: true, floats: true, movedIn: w.step}
	if !target.fifo {
		moved.delay = target.delay()
	}
	target.msgs = append(target.msgs, moved)
}

// unnamed begins the ids of messages whose real ids were not seen yet: those that a task has moved.
const unnamed = "unnamed "

// learn takes in the id of a message that a task has moved.
func (q *queue) learn(id, body, group string) {
	if q.message(id) != nil {
		return
	}
	for _, m := range q.msgs {
		if strings.HasPrefix(m.id, unnamed) && m.content.Body == body && m.content.GroupID == group {
			m.id = id
			return
		}
	}
}

// tasks compares what is said of all tasks.
func (r *runner) tasks() {
	r.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(r.world().queues)) {
		number := r.world().queues[name].number
		got, err := r.queues[number].Moves(context.Background(), 20)
		if err != nil {
			r.fail("tasks of %s: %v", name, err)
		}
		r.keep(func(w *world) bool { return w.tasks(w.queues[name], got) })
	}
	if slices.ContainsFunc(r.worlds, (*world).moving) && len(r.worlds) > 1 {
		r.look()
	}
}

func (w *world) moving() bool {
	for _, q := range w.queues {
		if q.running() != nil {
			return true
		}
	}
	return false
}

func (w *world) tasks(q *queue, got []engine.Move) bool {
	if len(got) != len(q.tasks) {
		return w.no("%s has %d tasks, want %d", q.name, len(got), len(q.tasks))
	}
	for i, t := range q.tasks {
		g := got[len(got)-1-i]
		if g.ID != t.id || g.Status != t.status || g.Moved != t.moved || g.FailureReason != t.failure {
			return w.no("%s: got %+v, want %+v", q.name, g, *t)
		}
		if g.ToMove != int64(t.toMove[0]) && g.ToMove != int64(t.toMove[1]) || g.Destination != t.to {
			return w.no("%s: got %+v, want %+v", q.name, g, *t)
		}
		if t.status == engine.MoveRunning && t.due() <= w.now {
			return w.no("%s: the task is late: %+v", q.name, *t)
		}
	}
	return true
}

// startMove draws a task.
func (r *runner) startMove(q *queue) *call {
	t := &task{status: engine.MoveRunning, rate: pick[int64](r, 0, 0, 1, 2, 5)}
	if name := pick(r, r.names...); r.chance(50) && name != q.name && q.fifo == strings.HasSuffix(name, ".fifo") {
		t.to = arn(name)
	}
	c, eq := r.on(q, "move to %q, %d/s", t.to, t.rate)
	c.tasks = true
	c.run = func(ctx context.Context) (err error) {
		t.id, err = eq.StartMove(ctx, engine.MoveRequest{Destination: t.to, PerSecond: int(t.rate)})
		return err
	}
	c.apply = func(w *world, q *queue) []*world {
		q.settleArrivals()
		return one(w, w.startMove(q, t, c.err))
	}
	return c
}

func (r *runner) cancelMove(q *queue) *call {
	id := "nobody's"
	if len(q.tasks) > 0 {
		id = q.tasks[max(0, len(q.tasks)-1-r.rng.IntN(2))].id
	}
	c, eq := r.on(q, "cancel the move %s", id)
	c.tasks = true
	var moved int64
	c.run = func(ctx context.Context) (err error) {
		moved, err = eq.CancelMove(ctx, id)
		c.result = fmt.Sprint(" after ", moved)
		return err
	}
	c.apply = func(w *world, q *queue) []*world { return one(w, w.cancelMove(q, id, moved, c.err)) }
	return c
}
