package server

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestCooldowns: the 60 seconds after a purge and after a delete outlive a restart, and RelaxedCooldowns lifts both.
func TestCooldowns(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := &Options{DataDir: t.TempDir(), Log: quiet, Now: func() time.Time { return now }}
	try := func(queries ...string) (answers []string) {
		t.Helper()
		s := newServer(t, o)
		if err := s.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			body := get(s, "/?Action="+q).Body.String()
			if _, code, failed := strings.Cut(body, "<Code>"); failed {
				answers = append(answers, code[:strings.IndexByte(code, '<')])
				continue
			}
			answers = append(answers, "ok")
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		return answers
	}
	const purge, create, remove = "PurgeQueue&QueueUrl=q", "CreateQueue&QueueName=gone", "DeleteQueue&QueueUrl=gone"
	const tooSoon = "AWS.SimpleQueueService.PurgeQueueInProgress AWS.SimpleQueueService.QueueDeletedRecently"
	for _, c := range []struct {
		name    string
		relaxed bool
		queries []string
		want    string
	}{
		{"first", false, []string{"CreateQueue&QueueName=q", create, purge, remove, purge, create}, "ok ok ok ok " + tooSoon},
		{"after_a_restart", false, []string{purge, create}, tooSoon},
		{"relaxed", true, []string{purge, create, purge, remove, create}, "ok ok ok ok ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.RelaxedCooldowns = c.relaxed
			if got := strings.Join(try(c.queries...), " "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
