package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/bits"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// A flush that fails stops writes, although the write-ahead log takes them: Pebble would try it again without end.
func TestFlushFails(t *testing.T) {
	var broken atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken.Load() && strings.HasSuffix(op.Path, ".sst") {
			return syscall.ENOSPC
		}
		return nil
	}))
	s, err := Open("data", &Options{FS: fs, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	broken.Store(true)
	s.write(t, func(fx *Batch) { fx.PutMessage(1, 2, &full) })
	if _, err := s.db.AsyncFlush(); err != nil {
		t.Fatal(err)
	}
	<-s.Failed()
	if err := s.Err(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want that no space is left", err)
	}
}

func TestWritable(t *testing.T) {
	var broken atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken.Load() && op.Kind == errorfs.OpFileSync {
			return syscall.EIO
		}
		return nil
	}))
	if err := fs.MkdirAll("data", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Writable("data", fs); err != nil {
		t.Error(err)
	}
	broken.Store(true)
	if err := Writable("data", fs); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want the error of the sync", err)
	}
	if left, _ := fs.List("data"); len(left) > 0 {
		t.Errorf("it leaves %v behind", left)
	}
}

// Whatever bit of the data folder flips, nothing wrong is ever read: it is an error, at the open or at the read, or
// makes no difference. The one exception is the last synced write of the log, which looks like a torn one.
func TestFlippedBit(t *testing.T) {
	const messages = 20
	for _, flushed := range []bool{false, true} {
		fs := vfs.NewMem()
		s := open(t, fs, "data")
		want := map[uint64]*Message{}
		for seq := uint64(1); seq <= messages; seq++ {
			m := full
			m.Body = fmt.Sprint("message ", seq)
			want[seq] = &m
			s.write(t, func(fx *Batch) {
				fx.PutMessage(7, seq, &m)
				fx.PutCounters(7, &Counters{NextSeq: seq + 1, Low: 1, Live: int64(seq)})
			})
		}
		if flushed {
			if err := s.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		crashed := copyOf(t, fs) // a close would leave nothing to the log
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		found := map[string]int{}
		for path, content := range crashed {
			stride := max(1, len(content)/150)
			for at := 0; at < len(content); at += stride {
				damaged := vfs.NewMem()
				for p, c := range crashed {
					if p == path {
						c = append([]byte(nil), c...)
						c[at] ^= 1 << (at % 8)
					}
					writeFile(t, damaged, p, c)
				}
				lost, err := readAgain(damaged, want)
				kind := strings.Trim(filepath.Ext(path)+" "+strings.TrimRight(filepath.Base(path), "-0123456789."), " ")
				switch {
				case lost == 0 && err == nil:
					found[kind+" makes no difference"]++
				case lost == 0 && !errors.Is(err, errWrong):
					found[kind+" is an error"]++
				case lost == 1 && strings.HasSuffix(path, ".log") && err == nil:
					found[kind+" is the last write"]++
				default:
					t.Errorf("%s, byte %d of %d: %d messages are gone, %v", path, at, len(content), lost, err)
				}
			}
		}
		t.Log(found)
	}
}

// A log that ends anywhere, or in zeros, is what a crash leaves, and no reason not to start.
func TestTornEnd(t *testing.T) {
	const messages = 5
	fs := vfs.NewMem()
	s := open(t, fs, "data")
	want := map[uint64]*Message{}
	for seq := uint64(1); seq <= messages; seq++ {
		want[seq] = &full
		s.write(t, func(fx *Batch) {
			fx.PutMessage(7, seq, &full)
			fx.PutCounters(7, &Counters{NextSeq: seq + 1, Low: 1, Live: int64(seq)})
		})
	}
	crashed := copyOf(t, fs)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for path, content := range crashed {
		log, isLog := chunksOf(filepath.Base(path))
		if !isLog || log.first != 5 {
			continue
		}
		end := 0 // of the chunk that at is in
		for at := range content {
			if at == end {
				size, _ := log.at(content, at)
				if end += size; size == 0 { // the mark of the log's end
					end = len(content)
				}
			}
			for _, zeroed := range []bool{false, true} {
				torn := vfs.NewMem()
				for p, c := range crashed {
					if p == path {
						c = slices.Clone(c[:at])
						if zeroed {
							c = append(c, make([]byte, len(content)-at)...)
						}
						if zeroed && ones(content[at:end]) == 1 {
							// Now and then the last byte of a chunk has one bit, and this is that bit flipped. A disk writes whole
							// sectors.
							c = content
						}
					}
					writeFile(t, torn, p, c)
				}
				if _, err := readAgain(torn, want); err != nil {
					t.Errorf("%s ends at byte %d of %d, zeros %v: %v", path, at, len(content), zeroed, err)
				}
			}
		}
	}
}

// ones counts the bits that are set.
func ones(data []byte) (n int) {
	for _, b := range data {
		n += bits.OnesCount8(b)
	}
	return n
}

// space is a file system of which a test says how much is free.
type space struct {
	vfs.FS
	free atomic.Uint64
}

func (s *space) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: s.free.Load()}, nil
}

// A full store gets back the space of what is deleted, although nothing more is written, and not before there is room
// for what a compaction keeps.
func TestReclaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := &space{FS: vfs.NewMem()}
		fs.free.Store(1 << 30)
		s, err := Open("data", &Options{FS: fs, Log: slog.New(slog.DiscardHandler), Reserve: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		const messages = 40
		noise := make([]byte, 25_000)
		chance := rand.NewChaCha8([32]byte{})
		for seq := uint64(1); seq <= messages; seq++ {
			m := full
			chance.Read(noise)
			m.Body = hex.EncodeToString(noise)
			s.write(t, func(fx *Batch) {
				fx.PutMessage(7, seq, &m)
				fx.PutCounters(7, &Counters{NextSeq: seq + 1, Low: 1, Live: int64(seq), Bytes: int64(seq) * m.Size()})
			})
		}
		if err := s.db.Flush(); err != nil {
			t.Fatal(err)
		}
		tables := func() int64 { return s.db.Metrics().Total().TablesSize }
		stored := tables()
		wantFull := func(want bool) {
			t.Helper()
			time.Sleep(2 * reclaimInterval)
			if got := s.Full(); got != want {
				t.Errorf("full: got %v, want %v", got, want)
			}
			synctest.Wait()
		}
		fs.free.Store(99_999)
		time.Sleep(time.Second) // how often it looks
		s.write(t, func(fx *Batch) { fx.DeleteMessage(7, 1) })
		wantFull(true)
		if got := tables(); got < stored {
			t.Errorf("it compacts %d bytes to %d without room for them", stored, got)
		}
		s.write(t, func(fx *Batch) {
			for seq := uint64(2); seq <= messages; seq++ {
				fx.DeleteMessage(7, seq)
			}
			fx.PutCounters(7, &Counters{NextSeq: messages + 1, Low: messages + 1})
		})
		wantFull(true)
		if got := tables(); got > stored/10 {
			t.Errorf("%d bytes of %d are left of what was deleted", got, stored)
		}
		fs.free.Store(100_000)
		wantFull(false)
	})
}

var errWrong = errors.New("wrong")

// readAgain counts the messages that are silently missing at the end, and compares the others.
func readAgain(fs vfs.FS, want map[uint64]*Message) (lost int, err error) {
	s, err := Open("data", &Options{FS: fs, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ld, err := s.Load(7, 0)
	if err != nil {
		return 0, err
	}
	for seq := uint64(1); seq <= uint64(len(want)); seq++ {
		m, err := s.Message(7, seq)
		switch {
		case err != nil:
			return 0, err
		case m == nil && lost == 0 && ld.Counters.Live == int64(seq-1): // and all behind it
			lost = len(want) - int(seq) + 1
		case m == nil && lost == 0, m != nil && (lost > 0 || !reflect.DeepEqual(m, want[seq])):
			return 0, fmt.Errorf("%w: message %d is %+v, live %d", errWrong, seq, m, ld.Counters.Live)
		}
	}
	return lost, nil
}

func copyOf(t *testing.T, fs vfs.FS) map[string][]byte {
	t.Helper()
	names, err := fs.List("data")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		path := fs.PathJoin("data", name)
		f, err := fs.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if all[path], err = io.ReadAll(f); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return all
}

func writeFile(t *testing.T, fs vfs.FS, path string, content []byte) {
	t.Helper()
	if err := fs.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(slices.Clone(content)); err != nil { // which may spoil it
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
