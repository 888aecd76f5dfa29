package load

import (
	"context"
	"sync"
	"time"
)

// PollEnd is how a long poll ended.
type PollEnd struct {
	Poll     int // index of its job
	At       time.Time
	Messages int
	Err      error
}

// dialsAtOnce is how many polls connect at the same time: fewer than the queue of a listener holds.
const dialsAtOnce = 64

// Park begins a long poll of so many seconds on the queue of each job, and returns when all connections are made: the
// requests are written then, or about to be. The ends arrive in ends as they happen, which is closed after the last.
func Park(ctx context.Context, jobs []*Job, seconds int) (ends <-chan PollEnd, err error) {
	clients := make([]client, len(jobs))
	deadline := time.Now().Add(grace + time.Duration(seconds)*time.Second)
	for i := range clients {
		clients[i] = client{target: jobs[i].Target, deadline: deadline}
	}
	if err := connectAll(ctx, clients); err != nil {
		return nil, err
	}
	out := make(chan PollEnd, len(jobs)) // nobody who reads late holds up what is measured
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() {
			defer clients[i].close()
			n, err := j.newTaker(seconds).find(ctx, &clients[i])
			out <- PollEnd{Poll: i, At: time.Now(), Messages: n, Err: err}
		})
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out, nil
}

// connectAll connects all or none.
func connectAll(ctx context.Context, clients []client) error {
	errs := make(chan error, dialsAtOnce)
	var wg sync.WaitGroup
	for first := range min(dialsAtOnce, len(clients)) {
		wg.Go(func() {
			for i := first; i < len(clients); i += dialsAtOnce {
				if err := clients[i].connect(ctx); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	err := <-errs
	if err != nil {
		for i := range clients {
			clients[i].close()
		}
	}
	return err
}

// Putter sends one message at a time. Not for concurrent use.
type Putter struct {
	put    step
	client client
}

// NewPutter returns one that sends j's messages. Close it.
func (j *Job) NewPutter(until time.Time) *Putter {
	return &Putter{put: j.put(), client: client{target: j.Target, deadline: until.Add(grace)}}
}

// Put sends one request.
func (p *Putter) Put(ctx context.Context) error {
	_, err := p.put(ctx, &p.client)
	return err
}

// Close ends its connection.
func (p *Putter) Close() { p.client.close() }
