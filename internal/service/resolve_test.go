package service_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/service"
)

func TestQueueResolution(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		name     string
		protocol api.Protocol
		url      string
		path     string
		want     *api.Kind
	}{
		{"as_returned", api.JSON, f.queue, "/", nil},
		{"other_host", api.JSON, "https://127.0.0.1:61780/000000000000/q", "/", nil},
		{"longer_path", api.JSON, "http://host/queue/us-east-1/000000000000/q", "/", nil},
		{"path_only", api.JSON, "/000000000000/q", "/", nil},
		{"bare_name", api.JSON, "q", "/", nil},
		{"with_query", api.JSON, "http://host/000000000000/q?a=b/c", "/", nil},
		{"absent", api.JSON, "http://host/000000000000/absent", "/", api.QueueDoesNotExist},
		{"other_account", api.JSON, "http://host/123456789012/q", "/", api.QueueDoesNotExist},
		{"case", api.JSON, "http://host/000000000000/Q", "/", api.QueueDoesNotExist},
		{"host_only", api.JSON, "http://whatever", "/", api.QueueDoesNotExist},
		{"host_and_slash", api.JSON, "http://whatever/", "/", api.QueueDoesNotExist},
		{"one_segment", api.JSON, "http://whatever/q", "/", api.QueueDoesNotExist},
		{"trailing_slash", api.JSON, f.queue + "/", "/", api.QueueDoesNotExist},
		{"json_without", api.JSON, "", "/", api.QueueDoesNotExist},
		{"json_ignores_the_path", api.JSON, "", "/000000000000/q", api.QueueDoesNotExist},
		{"query_path", api.Query, "", "/000000000000/q", nil},
		{"query_url_beats_path", api.Query, f.queue, "/000000000000/absent", nil},
		{"query_path_absent", api.Query, "", "/000000000000/absent", api.QueueDoesNotExist},
		{"query_root", api.Query, "", "/", api.InvalidAddress},
		{"query_one_segment", api.Query, "", "/q", api.InvalidAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			call := *f.call
			call.Protocol, call.Path = c.protocol, c.path
			_, err := f.GetQueueAttributes(t.Context(), &call, &api.GetQueueAttributesInput{QueueURL: c.url})
			want(t, err, c.want, "")
		})
	}
}

func TestQueueInAnotherRegionIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	f := newFixture(t, &service.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	call := *f.call
	call.Region = "eu-west-1"
	for range 3 {
		_, err := f.PurgeQueue(t.Context(), &call, &api.PurgeQueueInput{QueueURL: f.queue})
		want(t, err, api.QueueDoesNotExist, "")
		_, err = f.PurgeQueue(t.Context(), &call, &api.PurgeQueueInput{QueueURL: "nowhere"})
		want(t, err, api.QueueDoesNotExist, "")
	}
	if got := strings.Count(log.String(), "\n"); got != 1 || !strings.Contains(log.String(), "queue=q region=eu-west-1 exists_in=[us-east-1]") {
		t.Errorf("got %d lines, want one about q:\n%s", got, &log)
	}
	for i := range 150 {
		name := fmt.Sprint("many", i)
		f.create(name)
		f.GetQueueURL(t.Context(), &call, &api.GetQueueURLInput{QueueName: name})
	}
	if got := strings.Count(log.String(), "\n"); got != 10 {
		t.Errorf("got %d lines, want it to stop at 10", got)
	}
}
