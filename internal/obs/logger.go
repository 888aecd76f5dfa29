package obs

import (
	"io"
	"log/slog"

	"golang.org/x/term"
)

// Format is how log records are written.
type Format string

// Auto is Text on a terminal and JSON otherwise.
const (
	Auto Format = "auto"
	Text Format = "text"
	JSON Format = "json"
)

// NewLogger writes the records of level and above to w. A format that is none of the three counts as Auto.
func NewLogger(w io.Writer, level slog.Leveler, f Format) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if f == Text || f != JSON && onTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

func onTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
