package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
	"github.com/bufeomq/bufeo/test/bench/bare"
	"github.com/bufeomq/bufeo/test/bench/process"
)

// server is one of those that are measured.
type server struct {
	name    string
	what    string
	keeps   bool // what it acknowledges outlives its process
	stores  bool // it has queues
	target  *load.Target
	process *process.Process // nil: it runs already
	scores  map[*row]*score

	// idleCPU is what it used while others were driven: compactions and collectors. They pay for it.
	idleCPU, idleTime time.Duration
}

// cpuTime is 0 if it is not known.
func (s *server) cpuTime() time.Duration {
	if s.process == nil {
		return 0
	}
	d, _ := load.CPUTime(s.process.PID())
	return d
}

// field is all servers of a run.
type field struct {
	*options
	servers []*server
	missing []string // peers that are not there, and why
	folder  string
	fsync   time.Duration
	loads   [2]float64 // average number of threads that want to run, before and after
	log     io.Writer
}

func newField(o *options, log io.Writer) *field { return &field{options: o, log: log} }

func (f *field) tell(format string, args ...any) { fmt.Fprintf(f.log, format+"\n", args...) }

// setUp installs and starts all servers. A peer that cannot be had is missing; bufeo and the bare handler must be there.
func (f *field) setUp(ctx context.Context) error {
	root, err := process.Checkout()
	if err != nil {
		return err
	}
	if err := f.makeFolder(filepath.Dir(root)); err != nil {
		return err
	}
	f.loads[0], _ = process.LoadAverage()
	if err := errors.Join(f.startBare(ctx), f.startBufeo(ctx, root)); err != nil {
		return err
	}
	c, err := newCache(root)
	if err != nil {
		return err
	}
	for _, p := range f.peers {
		if err := f.startPeer(ctx, c, p); err != nil {
			f.missing = append(f.missing, p.name+": "+err.Error())
			f.tell("%s is missing: %v", p.name, err)
		}
	}
	for _, v := range f.also {
		name, url, _ := strings.Cut(v, "=")
		t, err := load.NewTarget(url, f.wire())
		if err != nil {
			return err
		}
		f.add(&server{name: name, what: "at " + url, stores: true, target: t})
	}
	return ctx.Err()
}

func (f *field) makeFolder(beside string) (err error) {
	parent := f.data
	if parent == "" {
		parent = beside
	}
	if process.InMemory(parent) {
		return fmt.Errorf("%s is in memory, where a sync costs nothing and the figures would mean nothing: choose a disk with -data", parent)
	}
	if f.folder, err = os.MkdirTemp(parent, "bufeo-peers-"); err != nil {
		return fmt.Errorf("%w: choose another folder with -data", err)
	}
	if f.fsync, err = process.MeasureSync(f.folder); err == nil {
		f.tell("data in %s, where a sync takes %v", f.folder, f.fsync.Round(time.Microsecond))
	}
	return err
}

func (f *field) add(s *server) {
	s.scores = map[*row]*score{}
	s.target.Header = load.MadeUpSignature("us-east-1") // moto looks into it; so that all read the same, all get it
	f.servers = append(f.servers, s)
	if s.process != nil {
		f.tell("%s listens on %s (process %d)", s.name, s.target.Addr, s.process.PID())
	}
}

func (f *field) startBare(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p, err := process.Start(ctx, exec.Command(self, bare.Command, fmt.Sprintf("-body=%d", f.body)))
	if err != nil {
		return err
	}
	f.add(&server{
		name: "bare", what: "a bare net/http handler, which reads requests and answers with fixed bytes", process: p,
		target: &load.Target{Addr: p.Addr, Protocol: f.wire()},
	})
	return nil
}

func (f *field) startBufeo(ctx context.Context, root string) error {
	binary := filepath.Join(f.folder, "bufeo")
	if err := process.Build(ctx, root, binary); err != nil {
		return err
	}
	p, err := process.Start(ctx, exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(f.folder, "bufeo-data")))
	if err != nil {
		return err
	}
	f.add(&server{
		name: "bufeo", what: "of this checkout, its own settings: everything is synced before it is answered", keeps: true, stores: true,
		process: p, target: &load.Target{Addr: p.Addr, Protocol: f.wire()},
	})
	return nil
}

func (f *field) startPeer(ctx context.Context, c *cache, p *peer) error {
	f.tell("installing %s", p.name)
	if err := p.install(ctx, c); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	dir := filepath.Join(f.folder, p.name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	cmd, err := p.command(c, dir, port)
	if err != nil {
		return err
	}
	cmd.Dir = dir
	started, err := process.StartAt(ctx, cmd, fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	f.add(&server{
		name: p.name, what: p.what, keeps: p.keeps, stores: true, process: started,
		target: &load.Target{Addr: started.Addr, Protocol: p.protocol(f.options)},
	})
	return nil
}

// freePort is one that nobody has just now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// tearDown ends what setUp began, without asking: nothing of it is wanted any more.
func (f *field) tearDown() {
	f.loads[1], _ = process.LoadAverage()
	for _, s := range f.servers {
		if s.process != nil {
			s.process.Kill()
		}
	}
	if f.folder != "" {
		if err := os.RemoveAll(f.folder); err != nil {
			f.tell("%v", err)
		}
	}
}
