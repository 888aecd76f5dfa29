package http1

import "golang.org/x/sys/unix"

// hungUp reports whether the other end of a socket has closed it or its half, whatever of its data is still to be read.
func hungUp(fd uintptr) bool {
	ask := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}} //nolint:gosec // it is a file descriptor
	n, err := unix.Poll(ask, 0)
	return err == nil && n > 0 // POLLHUP and POLLERR are told unasked
}
