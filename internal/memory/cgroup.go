package memory

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Available is what a server may use by itself: three quarters of the least limit of the control groups that the process
// is in, of version 1 or 2, and Default where there is none. The quarter is for what no share covers, such as the pages
// of files that the kernel counts with the group. root is the file system's root; other systems than Linux have none of
// the files.
func Available(root fs.FS) int64 {
	limit, found := physical(root)
	if group := groupLimit(root); group > 0 && (!found || group < limit) {
		return max(group/4*3, Min)
	}
	if found && limit/2 < Default {
		return max(limit/2, Min) // a small machine, of which others want something, too
	}
	return Default
}

// groupLimit is the least limit of the groups of this process and of those that they are in; 0 for none.
func groupLimit(root fs.FS) (least int64) {
	list, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(list)); lines.Scan(); {
		// "0::/a/b" for version 2, "4:memory:/a/b" for version 1
		f := strings.SplitN(lines.Text(), ":", 3)
		if len(f) != 3 {
			continue
		}
		base, file := "sys/fs/cgroup", "memory.max"
		switch {
		case f[0] == "0" && f[1] == "":
		case f[1] == "memory":
			base, file = base+"/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		if n := nested(root, base, f[2], file); n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// nested looks from a group upwards. In a container the path is often that of the host, and the folder at the base is
// the container's own group: what is missing on the way does not matter.
func nested(root fs.FS, base, group, file string) (least int64) {
	for dir := path.Join("/", group); ; dir = path.Dir(dir) {
		if n := number(root, path.Join(base, dir, file)); n > 0 && (least == 0 || n < least) {
			least = n
		}
		if dir == "/" {
			return least
		}
	}
}

// number reads a file with a number of bytes; 0 if it is missing, or says "max".
func number(root fs.FS, name string) int64 {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// physical is the memory of the machine. A group without a limit says so with a number that no machine has.
func physical(root fs.FS) (bytes int64, ok bool) {
	text, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "MemTotal:"); found {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}
