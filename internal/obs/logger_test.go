package obs

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewLogger(t *testing.T) {
	for _, c := range []struct {
		format Format
		want   string
	}{
		{Auto, `"msg":"hello"`}, // a buffer is no terminal
		{JSON, `"msg":"hello"`},
		{Text, `msg=hello`},
		{"", `"msg":"hello"`},
	} {
		t.Run(string(c.format), func(t *testing.T) {
			var out bytes.Buffer
			log := NewLogger(&out, slog.LevelInfo, c.format)
			log.Debug("unseen")
			log.Info("hello")
			if got := out.String(); !strings.Contains(got, c.want) || strings.Contains(got, "unseen") {
				t.Errorf("got %s, want %s and nothing below info", got, c.want)
			}
		})
	}
}

func TestNewLogger_file_is_no_terminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	NewLogger(f, slog.LevelInfo, Auto).Info("hello")
	if got, _ := os.ReadFile(f.Name()); !bytes.HasPrefix(got, []byte("{")) {
		t.Errorf("got %s, want JSON", got)
	}
}
