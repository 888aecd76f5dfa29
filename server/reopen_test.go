package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/bufeomq/bufeo/internal/seam"
)

// disk is a file system in memory that can fail.
type disk struct {
	fails atomic.Pointer[func(errorfs.Op) error]
}

func (d *disk) String() string { return "disk" }

func (d *disk) MaybeError(op errorfs.Op) error {
	if f := d.fails.Load(); f != nil {
		return (*f)(op)
	}
	return nil
}

// fail makes operations of these kinds fail, the next one or all from now on; without kinds, those of any.
func (d *disk) fail(err error, once bool, kinds ...errorfs.OpKind) {
	d.fails.Store(new(func(op errorfs.Op) error {
		if len(kinds) > 0 && !slices.Contains(kinds, op.Kind) {
			return nil
		}
		if once {
			d.mend()
		}
		return err
	}))
}

func (d *disk) mend() { d.fails.Store(nil) }

func onDisk(t *testing.T, f func(s *Server, d *disk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		s := newServer(t, &Options{Seam: &seam.Seam{FS: errorfs.Wrap(vfs.NewMem(), d)}, DataDir: t.TempDir()})
		if err := s.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
			t.Fatal(w.Body)
		}
		f(s, d)
		if err := s.Shutdown(context.Background()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
}

func ask(t *testing.T, s *Server, code int, query string) string {
	t.Helper()
	w := get(s, "/000000000000/q?"+query)
	if w.Code != code {
		t.Fatalf("%s: got %d, want %d: %s", query, w.Code, code, w.Body)
	}
	return w.Body.String()
}

var bodies = regexp.MustCompile(`<Body>([^<]*)</Body>`)

// receiveAll returns the bodies of all messages, sorted.
func receiveAll(t *testing.T, s *Server) (all []string) {
	t.Helper()
	for {
		found := bodies.FindAllStringSubmatch(ask(t, s, 200, "Action=ReceiveMessage&MaxNumberOfMessages=10&VisibilityTimeout=600"), -1)
		if len(found) == 0 {
			slices.Sort(all)
			return all
		}
		for _, m := range found {
			all = append(all, m[1])
		}
	}
}

func health(t *testing.T, s *Server) (h Health) {
	t.Helper()
	if err := json.Unmarshal(get(s, "/health").Body.Bytes(), &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// A write or a sync that fails, once or for a while, costs nothing that was acknowledged, and no restart.
func TestReopen(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		kinds []errorfs.OpKind
		fault string
	}{
		{"write", syscall.EIO, []errorfs.OpKind{errorfs.OpFileWrite}, "writes fail"},
		{"sync", syscall.EIO, []errorfs.OpKind{errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo}, "writes fail"},
		{"full", syscall.ENOSPC, []errorfs.OpKind{errorfs.OpFileWrite, errorfs.OpFilePreallocate}, "disk full"},
		{"gone", syscall.EIO, nil, "writes fail"},
	} {
		for _, once := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%v", c.name, once), func(t *testing.T) {
				onDisk(t, func(s *Server, d *disk) {
					for n := range 20 {
						ask(t, s, 200, fmt.Sprintf("Action=SendMessage&MessageBody=before-%02d", n))
					}
					ask(t, s, 200, "Action=ReceiveMessage&VisibilityTimeout=600") // one of them is out
					d.fail(c.err, once, c.kinds...)
					ask(t, s, 500, "Action=SendMessage&MessageBody=unsure")
					synctest.Wait()
					wantProbe(t, s, "/livez", 200, "ok")
					if !once {
						wantProbe(t, s, "/readyz", 503, "failing")
						if h := health(t, s); h.Status != "failing" || h.Fault != c.fault {
							t.Errorf("health: got %+v, want fault %q", h, c.fault)
						}
						ask(t, s, 503, "Action=SendMessage&MessageBody=refused")
						time.Sleep(time.Minute)
						d.mend()
						time.Sleep(lastReopen)
						synctest.Wait()
					}
					wantProbe(t, s, "/readyz", 200, "ready")
					if h := health(t, s); h.Fault != "" {
						t.Errorf("health: got %+v, want no fault", h)
					}
					ask(t, s, 200, "Action=SendMessage&MessageBody=later")
					got := receiveAll(t, s)
					got = slices.DeleteFunc(got, func(b string) bool { return b == "unsure" })
					if len(got) != 20 || got[0] != "before-01" || got[18] != "before-19" || got[19] != "later" {
						t.Errorf("received %v, want before-01 to before-19 and later", got)
					}
				})
			})
		}
	}
}

// Requests that wait do not wait for ever, and a server can be stopped while it cannot open its data.
func TestReopen_with_a_long_poll_and_a_shutdown(t *testing.T) {
	onDisk(t, func(s *Server, d *disk) {
		code := 0
		go func() { code = get(s, "/000000000000/q?Action=ReceiveMessage&WaitTimeSeconds=20").Code }()
		synctest.Wait()
		d.fail(syscall.EIO, false)
		ask(t, s, 500, "Action=SendMessage&MessageBody=unsure")
		synctest.Wait()
		if code == 0 {
			t.Error("a long poll goes on on data that are closed")
		}
		time.Sleep(time.Minute)
		wantProbe(t, s, "/readyz", 503, "failing")
	})
}

// A read that fails is an error for who asked, and for nobody else.
func TestReadFails(t *testing.T) {
	onDisk(t, func(s *Server, d *disk) {
		ask(t, s, 200, "Action=SendMessage&MessageBody=a")
		d.fail(errors.New("bad sector"), false, errorfs.OpFileReadAt, errorfs.OpFileRead)
		ask(t, s, 200, "Action=SendMessage&MessageBody=b")
		wantProbe(t, s, "/readyz", 200, "ready")
		d.mend()
		if got := receiveAll(t, s); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("received %v", got)
		}
	})
}

// space is a file system with little of it.
type space struct {
	vfs.FS
	free atomic.Uint64
}

func (s *space) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: s.free.Load(), TotalBytes: 1 << 40}, nil
}

// Below the reserve only sends are refused, and they work again when space is free, without a restart.
func TestDiskMinFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := &space{FS: vfs.NewMem()}
		fs.free.Store(1000)
		s := newServer(t, &Options{Seam: &seam.Seam{FS: fs}, DataDir: t.TempDir(), DiskMinFree: 1000})
		if err := s.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w := get(s, "/?Action=CreateQueue&QueueName=q"); w.Code != 200 {
			t.Fatal(w.Body)
		}
		ask(t, s, 200, "Action=SendMessage&MessageBody=a")
		ask(t, s, 200, "Action=SendMessage&MessageBody=b")
		fs.free.Store(999)
		time.Sleep(time.Second) // how often it looks
		ask(t, s, 200, "Action=ReceiveMessage&VisibilityTimeout=0")
		if answer := ask(t, s, 503, "Action=SendMessage&MessageBody=c"); !strings.Contains(answer, "almost full") {
			t.Errorf("got %s", answer)
		}
		wantProbe(t, s, "/readyz", 200, "ready")
		if h := health(t, s); h.Status != "ready" || h.Fault != "disk full" {
			t.Errorf("health: got %+v", h)
		}
		if got := receiveAll(t, s); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("received %v", got)
		}
		fs.free.Store(1000)
		time.Sleep(time.Second)
		ask(t, s, 200, "Action=SendMessage&MessageBody=d")
		if h := health(t, s); h.Fault != "" {
			t.Errorf("health: got %+v", h)
		}
	})
}
