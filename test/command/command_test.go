package command

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"testing"
)

func TestDo(t *testing.T) {
	tests := []struct {
		name       string
		parse, run error
		ok         bool
		code       int
		stderr     string
	}{
		{"well", nil, nil, true, OK, ""},
		{"not_well", nil, nil, false, Failed, ""},
		{"well_but_not_tidied_up", nil, errors.New("in use"), true, Failed, "it: in use\n"},
		{"unknown_flag", errors.New("what"), nil, true, Usage, "it: what\n"},
		{"asked_for_help", flag.ErrHelp, nil, false, OK, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Command[int]{"it", func([]string, io.Writer) (int, error) { return 7, tt.parse },
				func(_ context.Context, o int, _, _ io.Writer) (bool, error) {
					if tt.parse != nil || o != 7 {
						t.Errorf("it ran with %d in spite of %v", o, tt.parse)
					}
					return tt.ok, tt.run
				}}
			var stderr bytes.Buffer
			if code := c.Do(t.Context(), nil, io.Discard, &stderr); code != tt.code || stderr.String() != tt.stderr {
				t.Errorf("got %d and %q, want %d and %q", code, &stderr, tt.code, tt.stderr)
			}
		})
	}
}
