package process

import (
	"bytes"
	"strings"
	"sync"
)

// tail keeps the end of what is written to it, and counts the goroutines in Go's traces. Safe for concurrent use.
type tail struct {
	mu         sync.Mutex
	buf        []byte
	line       []byte // the last one, which may go on
	goroutines int
}

func (t *tail) Write(b []byte) (int, error) {
	const keep = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count(b)
	t.buf = append(t.buf, b...)
	if len(t.buf) > keep {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-keep:]...)
	}
	return len(b), nil
}

// count looks for the lines that a goroutine's trace begins with: "goroutine 7 [select]:".
func (t *tail) count(b []byte) {
	for {
		line, rest, whole := bytes.Cut(b, []byte{'\n'})
		t.line = append(t.line, line...)
		if !whole {
			return
		}
		if bytes.HasPrefix(t.line, []byte("goroutine ")) && bytes.HasSuffix(t.line, []byte("]:")) {
			t.goroutines++
		}
		t.line, b = t.line[:0], rest
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.buf))
}
