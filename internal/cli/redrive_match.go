package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// matcher says whether a message is one of those that are meant.
type matcher func(m *sqs.Message) bool

// matcher is what --filter and --filter-attribute say: all of it has to hold.
func (f *redriveFlags) matcher() (matcher, error) {
	attributes, err := pairs("--filter-attribute", f.attributes)
	if err != nil {
		return nil, err
	}
	return func(m *sqs.Message) bool {
		if m.DecodeError != nil {
			return false // it is not of the class, so nobody knows what is in it
		}
		for _, text := range f.filters {
			if !strings.Contains(m.Body, text) {
				return false
			}
		}
		for name, want := range attributes {
			if got, ok := attributeText(m, name); !ok || got != want {
				return false
			}
		}
		return true
	}, nil
}

// attributeText is the value of a message attribute, in base64 if it is binary, or else of a system attribute.
func attributeText(m *sqs.Message, name string) (string, bool) {
	if a, ok := m.MessageAttributes[name]; ok {
		if a.Binary != nil {
			return base64.StdEncoding.EncodeToString(a.Binary), true
		}
		return a.String, true
	}
	v, ok := m.Attributes[name]
	return v, ok
}

// edit runs the command with the body on its stdin and returns what it prints.
func (p *Process) edit(ctx context.Context, command, body string) (string, error) {
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1], command)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr, cmd.Env = strings.NewReader(body), &stderr, p.Environ
	cmd.WaitDelay = time.Second // when ctx has ended, do not wait for grandchildren that hold the pipe
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("the command failed: %w: %s", err, firstLine(stderr.String()))
	}
	edited := string(out)
	if !strings.HasSuffix(body, "\n") { // most programs end what they print with one
		edited = strings.TrimSuffix(strings.TrimSuffix(edited, "\n"), "\r")
	}
	if edited == "" {
		return "", errors.New("the command printed nothing, and SQS takes no empty messages")
	}
	return edited, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func isFIFO(name string) bool { return strings.HasSuffix(name, ".fifo") }
