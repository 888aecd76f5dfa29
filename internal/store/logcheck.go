package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The write-ahead log ends where its chunks stop making sense: a crash leaves a torn write there. Damage to what was synced
// before looks the same, unless something later proves that it was synced, and then the store must not open as if the
// rest had never been. Pebble looks for a proof in later blocks of 32 KiB only, so that damage to the last block would
// cost all that is behind it. This looks in the block itself. What cannot be proved is damage to the last synced write:
// nothing came after it.
//
// The format is described in Pebble's package record.
const (
	logBlock  = 32 << 10
	logHeader = 19 // checksum 4, size 2, type 1, number of the log 4, synced offset 8
	logTypes  = 9  // the first of the four types of such chunks
)

// checkLogs fails if a log in dir is damaged before its end.
func checkLogs(dir string, fs vfs.FS) error {
	names, err := fs.List(dir)
	if err != nil {
		return nil //nolint:nilerr // a new folder has none, and of all others Pebble will say it better
	}
	slices.Sort(names)
	for _, name := range names {
		number, isLog := logNumber(name)
		if !isLog {
			continue
		}
		content, err := readFile(fs, fs.PathJoin(dir, name))
		if err != nil {
			return err
		}
		if at := damagedAt(content, number); at >= 0 {
			return fmt.Errorf("%w: %s, byte %d: what follows was synced after it", ErrCorrupt, fs.PathJoin(dir, name), at)
		}
	}
	return nil
}

func logNumber(name string) (uint32, bool) {
	name, isLog := strings.CutSuffix(name, ".log")
	name, _, _ = strings.Cut(name, "-")
	n, err := strconv.ParseUint(name, 10, 64)
	return uint32(n), isLog && err == nil // chunks have the low 32 bits
}

func readFile(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// damagedAt finds the first chunk that makes no sense although a later one says that it was synced, or -1.
func damagedAt(log []byte, number uint32) int {
	end := 0
	for end < len(log) {
		size, ok := chunkAt(log, end, number)
		if !ok {
			break
		}
		end += size
		if left := logBlock - end%logBlock; left < logHeader { // no chunk fits; zeros fill it
			end += left
		}
	}
	for at := end + 1; at+logHeader <= len(log); at++ {
		if log[at+6] < logTypes || log[at+6] > logTypes+3 {
			continue
		}
		if _, ok := chunkAt(log, at, number); ok && binary.LittleEndian.Uint64(log[at+11:]) > uint64(end) {
			return end
		}
	}
	return -1
}

// chunkAt reports whether a chunk of that log begins there, and its size.
func chunkAt(log []byte, at int, number uint32) (size int, ok bool) {
	block := min(len(log), (at/logBlock+1)*logBlock)
	if at+logHeader > block || binary.LittleEndian.Uint32(log[at+7:]) != number {
		return 0, false
	}
	if t := log[at+6]; t < logTypes || t > logTypes+3 {
		return 0, false
	}
	size = logHeader + int(binary.LittleEndian.Uint16(log[at+4:]))
	if at+size > block {
		return 0, false
	}
	return size, maskedSum(log[at+6:at+size]) == binary.LittleEndian.Uint32(log[at:])
}

// maskedSum is the checksum as it is stored: of data that hold checksums themselves, a plain one would be weak.
func maskedSum(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
