package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Pebble's logs, the write-ahead log and the manifest, end where their chunks stop making sense: a crash leaves a torn
// write there. Damage to what was synced looks the same, and then the store must not open as if the rest had never been.
// There are two ways to tell:
//
//   - A later chunk says that the log was synced beyond the damage before it was written. Pebble looks for such chunks in
//     later blocks of 32 KiB only, so that damage to the last block would cost all that is behind it. This looks in the
//     block itself. The manifest's chunks do not say it, but its records come seldom.
//   - One bit makes the last chunk right. A write that was torn does not look like that.
//
// What is left is more damage than that to the last synced write: it is taken for torn.
//
// The format is described in Pebble's package record.
const logBlock = 32 << 10

// sector is the least that a disk writes as a whole.
const sector = 512

// chunks are the kinds of chunks of one file, by their type: four in a row have a header of one size.
type chunks struct {
	headers []int  // of the types from first on
	first   byte   // type
	number  uint32 // of a write-ahead log
}

const (
	// What each header begins with: checksum 4 bytes, size of the rest 2, type 1.
	plainHeader = 7
	// In a write-ahead log, its number follows, 4 bytes, and the synced offset, 8 bytes. The first log of a store has none.
	numberHeader = 11
	syncedHeader = 19
)

func chunksOf(name string) (c chunks, ok bool) {
	if strings.HasPrefix(name, "MANIFEST-") {
		return chunks{headers: []int{plainHeader}, first: 1}, true
	}
	name, isLog := strings.CutSuffix(name, ".log")
	name, _, _ = strings.Cut(name, "-")
	n, err := strconv.ParseUint(name, 10, 64)
	return chunks{headers: []int{numberHeader, syncedHeader}, first: 5, number: uint32(n)}, isLog && err == nil // of which chunks have 32 bits
}

// checkLogs fails if a log in dir is damaged.
func checkLogs(dir string, fs vfs.FS) error {
	names, err := fs.List(dir)
	if err != nil {
		return nil //nolint:nilerr // a new folder has none, and of all others Pebble will say it better
	}
	slices.Sort(names)
	for _, name := range names {
		c, isLog := chunksOf(name)
		if !isLog {
			continue
		}
		if err := c.check(fs, fs.PathJoin(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (c chunks) check(fs vfs.FS, path string) error {
	f, err := fs.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	at, err := c.damagedAt(f)
	if err == nil && at >= 0 {
		err = fmt.Errorf("%w: %s is damaged at byte %d", ErrCorrupt, path, at)
	}
	return err
}

// damagedAt finds the first chunk that is damaged, or -1. It reads block by block: no chunk is in two.
func (c chunks) damagedAt(log io.Reader) (int64, error) {
	var buf [logBlock]byte
	end := int64(-1) // where chunks make no sense any more; not yet
	for start := int64(0); ; start += logBlock {
		n, err := io.ReadFull(log, buf[:])
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return -1, err
		}
		block, at := buf[:n], 0
		if end < 0 {
			if at = c.skip(block); at+c.headers[len(c.headers)-1] > n { // what is left of a block is zeros
				continue
			}
			if end = start + int64(at); c.flipped(block, at) {
				return end, nil
			}
			at++
		}
		for ; at+syncedHeader <= n; at++ {
			if size, header := c.at(block, at); size > 0 && header == syncedHeader && binary.LittleEndian.Uint64(block[at+numberHeader:]) > uint64(end) {
				return end, nil
			}
		}
	}
}

// skip passes over the chunks at the front of a block.
func (c chunks) skip(block []byte) (end int) {
	for {
		size, _ := c.at(block, end)
		if size == 0 {
			return end
		}
		end += size
	}
}

// at returns the size of the chunk that begins there, with its header, and that of the header; 0 if there is none.
func (c chunks) at(block []byte, at int) (size, header int) {
	if at+plainHeader > len(block) {
		return 0, 0
	}
	kind := (int(block[at+6]) - int(c.first)) >> 2
	if kind < 0 || kind >= len(c.headers) {
		return 0, 0
	}
	header = c.headers[kind]
	if at+header > len(block) || header > plainHeader && binary.LittleEndian.Uint32(block[at+plainHeader:]) != c.number {
		return 0, 0
	}
	size = header + int(binary.LittleEndian.Uint16(block[at+4:]))
	if !sound(block, at, size) {
		return 0, 0
	}
	return size, header
}

// sound reports whether the checksum is right for a chunk of that size.
func sound(block []byte, at, size int) bool {
	return at+size <= len(block) && masked(block[at+6:at+size]) == binary.LittleEndian.Uint32(block[at:])
}

// flipped reports whether one bit makes a chunk of what is there. Since it may be one of the type, any header is tried.
func (c chunks) flipped(block []byte, at int) bool {
	if zeros(block[at : at+plainHeader]) {
		return false // nothing was written here
	}
	length, sum := int(binary.LittleEndian.Uint16(block[at+4:])), binary.LittleEndian.Uint32(block[at:])
	for _, header := range c.headers {
		if sound(block, at, header+length) {
			return false // an older log's, which this one was written over, or the mark of the end
		}
	}
	for _, header := range c.headers {
		for bit := range 16 { // of the size, which has no checksum
			if sound(block, at, header+(length^1<<bit)) {
				return true
			}
		}
		if at+header+length > len(block) {
			continue
		}
		data := block[at+6 : at+header+length]
		if last := (at + header + length - 1) / sector * sector; last > at && zeros(block[last:at+header+length]) {
			continue // torn between two sectors, and what is missing may have a single bit
		}
		if bits.OnesCount32(masked(data)^sum) == 1 || oneBitOff(crc32.Checksum(data, castagnoli)^unmask(sum), len(data)) {
			return true
		}
	}
	return false
}

func zeros(data []byte) bool { return !slices.ContainsFunc(data, func(b byte) bool { return b != 0 }) }

// oneBitOff reports whether the checksum of n bytes differs by that if one of their bits is flipped. Checksums are linear:
// the difference depends on the place of the bit only, and is one step of the checksum further for every byte behind it.
func oneBitOff(difference uint32, n int) bool {
	for bit := range 8 {
		d := castagnoli[1<<bit]
		for range n {
			if d == difference {
				return true
			}
			d = castagnoli[byte(d)] ^ d>>8
		}
	}
	return false
}

// masked is the checksum as it is stored: of data that hold checksums themselves, a plain one would be weak.
func masked(data []byte) uint32 {
	s := crc32.Checksum(data, castagnoli)
	return (s>>15 | s<<17) + 0xa282ead8
}

func unmask(sum uint32) uint32 {
	sum -= 0xa282ead8
	return sum<<15 | sum>>17
}
