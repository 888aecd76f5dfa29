package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// FormatVersion is the version of keys and records. It only ever goes up; a store of a later one is refused.
const FormatVersion = 2

// The names of the meta records.
const (
	metaFormat    = "format"
	metaNextQueue = "next-queue"
	metaHandleKey = "handle-key"
)

// ErrLocked is returned by Open for a folder that another process has open.
var ErrLocked = errors.New("data folder is in use by another process")

// Options of Open. Nil means the defaults.
type Options struct {
	// FS is the file system; nil means the operating system's. Tests use vfs.NewMem and vfs.NewCrashableMem.
	FS vfs.FS
	// Log receives Pebble's errors. Nil means slog.Default.
	Log *slog.Logger
	// Reserve is the free space in bytes below which Full reports true. Default 256 MiB: room for the memtables and a
	// compaction, so that deletes, which free space, still go through.
	Reserve uint64
	// Cache bounds the memory, in bytes, for blocks of tables. Default 64 MiB.
	Cache int64
	// MemTables bounds the memory, in bytes, of all memtables together, of which there can be four. Default 64 MiB.
	MemTables int64
	// Pending is how many bytes of batches should wait for the disk at most (see Backlog). Default 64 MiB: several seconds of
	// the slowest disk that bufeo is meant for.
	Pending int64
	// Observe is called with the cost of each read and each batch, from any goroutine. For tests; nil: nothing counts.
	Observe func(Cost)
	// Fatal is called when Pebble cannot go on; it must not return. Default: os.Exit(70).
	Fatal func()
}

func (o *Options) withDefaults() Options {
	d := Options{}
	if o != nil {
		d = *o
	}
	if d.FS == nil {
		d.FS = vfs.Default
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Reserve == 0 {
		d.Reserve = 256 << 20
	}
	if d.Cache == 0 {
		d.Cache = 64 << 20
	}
	if d.MemTables == 0 {
		d.MemTables = maxMemTables * memTableSize
	}
	if d.Pending == 0 {
		d.Pending = 64 << 20
	}
	if d.Fatal == nil {
		d.Fatal = func() { os.Exit(70) }
	}
	return d
}

// Store is an open data folder. Its methods may be called from any goroutine.
type Store struct {
	o    Options
	dir  string
	db   *pebble.DB
	log  *commitLog
	key  []byte
	next QueueID

	reads struct { // Pebble panics when it is read after Close
		sync.RWMutex
		closed bool
	}

	damaged   atomic.Bool
	full      atomic.Bool
	checkedAt atomic.Int64 // when free space was looked at, Unix seconds

	ctx        context.Context //nolint:containedctx // ends with Close; what runs in the background runs under it
	cancel     context.CancelFunc
	background sync.WaitGroup
	reclaiming sync.Mutex // held while reclaim is at work
	reclaimed  time.Time  // when it began last; guarded by it
	tidy       tidy
}

const (
	// memTableSize is one memtable's share of Options.MemTables by default: a restart replays two of them at most, and
	// writes them to tables before it is ready. Two of 32 MiB took up to 2.4 s with two cores and others on them, of the
	// 1.5 s that a restart may take.
	memTableSize = 16 << 20
	// maxMemTables may be full and not yet flushed before writes wait.
	maxMemTables = 4
)

// Open opens the store in dir and creates it where there is none. A folder that another process has open is refused
// with ErrLocked.
func Open(dir string, o *Options) (*Store, error) {
	s := &Store{o: o.withDefaults(), dir: dir}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := checkLogs(dir, s.o.FS); err != nil {
		return nil, err
	}
	// Pebble takes the memtables out of the cache: with less there would be no room for blocks while four wait.
	cache := pebble.NewCache(s.o.Cache + s.o.MemTables)
	defer cache.Unref()
	s.log = newCommitLog(s.o.Pending, s.o.MemTables/maxMemTables, func(bytes int) {
		s.checkSpace()
		s.wrote(bytes)
	})
	db, err := pebble.Open(dir, s.pebbleOptions(cache))
	if err != nil {
		return nil, openError(err)
	}
	s.db = db
	if err := s.readMeta(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.log.start(db)
	s.checkSpace()
	return s, nil
}

func openError(err error) error {
	if isLockError(err) {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// isLockError recognises the refusal of the folder's lock, which Pebble passes on as the system words it: EAGAIN or
// EACCES from fcntl, a sharing violation on Windows, its own text for a second open in one process.
func isLockError(err error) bool {
	text := err.Error()
	return strings.Contains(text, "resource temporarily unavailable") || strings.Contains(text, "lock held by current process") ||
		strings.Contains(text, "being used by another process") || strings.Contains(text, "file already locked")
}

func (s *Store) readMeta() error {
	version, err := s.meta(metaFormat)
	if err != nil {
		return err
	}
	if version == nil {
		return s.initialise()
	}
	n, err := decodeNumber(version)
	if err != nil {
		return fmt.Errorf("format version: %w", err)
	}
	if n != FormatVersion {
		return fmt.Errorf("the data folder has format %d, this bufeo reads %d", n, FormatVersion)
	}
	value, err := s.meta(metaHandleKey)
	if err != nil {
		return err
	}
	r := openRecord(value)
	s.key = []byte(r.text())
	if r.done() != nil || len(s.key) != 32 {
		return fmt.Errorf("key of the receipt handles: %w", ErrCorrupt)
	}
	value, err = s.meta(metaNextQueue)
	if err != nil {
		return err
	}
	next, err := decodeNumber(value)
	s.next = QueueID(next)
	return err
}

func (s *Store) initialise() error {
	s.key = make([]byte, 32)
	rand.Read(s.key)
	s.next = 1
	b := s.db.NewBatch()
	defer b.Close()
	b.Set(metaKey(metaFormat), appendNumber(nil, FormatVersion), nil)
	b.Set(metaKey(metaNextQueue), appendNumber(nil, uint64(s.next)), nil)
	b.Set(metaKey(metaHandleKey), appendChecksum(appendText(appendHeader(nil), string(s.key)), 0), nil)
	if err := s.db.Apply(b, pebble.Sync); err != nil {
		return err
	}
	// The first log of a new store was begun before its format was raised, and has no synced offsets. This begins another.
	return s.db.Flush()
}

func (s *Store) meta(name string) (value []byte, err error) {
	_, err = s.get(metaKey(name), func(v []byte) error {
		value = bytes.Clone(v)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}

// Append takes the batch, fixes its place in the order and returns at once. An empty batch becomes a Barrier: what
// wrote nothing still waits for what it saw.
func (s *Store) Append(b *Batch) *Pending {
	if b.Empty() {
		b.release()
		return s.Barrier()
	}
	if s.o.Observe != nil {
		s.o.Observe(b.cost())
	}
	return s.log.append(b)
}

// Barrier returns what to wait for so that everything appended so far is durable.
func (s *Store) Barrier() *Pending { return s.log.barrier() }

// Backlog is how much waits for the disk, as a multiple of Options.Pending: above 1, new work should be refused.
func (s *Store) Backlog() float64 { return s.log.backlog() }

// Full reports whether free space was below the reserve when it was last looked at, at most a second before the last
// commit.
func (s *Store) Full() bool {
	if s.full.Load() {
		s.checkSpace() // only commits look otherwise, and a full store may have none
	}
	return s.full.Load()
}

func (s *Store) checkSpace() {
	now := time.Now().Unix()
	if s.checkedAt.Swap(now) == now {
		return
	}
	usage, err := s.o.FS.GetDiskUsage(s.dir)
	if err != nil { // a file system in memory has no answer
		return
	}
	full := usage.AvailBytes < s.o.Reserve
	if s.full.Swap(full) != full && full {
		s.o.Log.Warn("free space is below the reserve: sends are refused until space is freed",
			"free_bytes", usage.AvailBytes, "reserve_bytes", s.o.Reserve)
	}
	if full {
		s.reclaim(usage.AvailBytes)
	}
}

// Err is the failure that stopped writes, or nil. It does not go away: the store must be opened anew.
func (s *Store) Err() error { return s.log.failure() }

// Failed is closed when Err is no longer nil.
func (s *Store) Failed() <-chan struct{} { return s.log.broken }

// HandleKey is the secret that receipt handles are sealed with. It is made once, with the store.
func (s *Store) HandleKey() []byte { return s.key }

// NextQueueID is the least queue id that was not in use when the store was opened.
func (s *Store) NextQueueID() QueueID { return s.next }

// Metrics describes Pebble's inner state as text, for diagnosis.
func (s *Store) Metrics() string { return s.db.Metrics().String() }

// DiskBytes is the space that the data folder takes.
func (s *Store) DiskBytes() uint64 { return s.db.Metrics().DiskSpaceUsage() }

// Close commits what was appended and closes the files.
func (s *Store) Close() error {
	s.log.close()
	s.tidy.close()
	s.reads.Lock()
	closed := s.reads.closed
	s.reads.closed = true
	s.reads.Unlock()
	if closed {
		return nil
	}
	s.cancel()
	s.background.Wait()
	return s.db.Close()
}

// pebbleLogger drops Pebble's chatter and passes on its errors.
type pebbleLogger struct {
	log   *slog.Logger
	fatal func()
}

func (l pebbleLogger) Infof(format string, args ...any) {}

func (l pebbleLogger) Errorf(format string, args ...any) {
	l.log.Error("storage engine", "detail", fmt.Sprintf(format, args...))
}

func (l pebbleLogger) Fatalf(format string, args ...any) {
	l.log.Error("storage engine cannot go on", "detail", fmt.Sprintf(format, args...),
		"hint", "check the disk and its free space, then start bufeo again: everything acknowledged is on disk")
	l.fatal()
	panic("store: Fatal returned")
}
