package cli

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/server"
	"github.com/bufeomq/bufeo/sqstest"
)

// TestQueue_export goes all the way round: what is exported declares what is there, and makes the same elsewhere.
func TestQueue_export(t *testing.T) {
	for _, c := range []struct{ region, flags string }{{"us-east-1", ""}, {"eu-west-1", " --place"}} {
		srv := sqstest.New(t)
		sh := at(srv)
		sh.environ = append(sh.environ, "BUFEO_REGION="+c.region)
		sh.ok(t, "queue create dead --attribute MessageRetentionPeriod=1209600")
		sh.okArgs(t, append(strings.Fields("queue create orders --dead-letter dead --max-receive-count 3 --tag n=1 --attribute VisibilityTimeout=0"),
			"--tag", "odd=yes: 'it' #is", "--attribute", `RedriveAllowPolicy={"redrivePermission":"denyAll"}`)...)
		sh.ok(t, "queue create pay.fifo --attribute ContentBasedDeduplication=true")
		exported := sh.ok(t, "queue export"+c.flags)
		file := filepath.Join(t.TempDir(), "queues.yaml")
		if err := os.WriteFile(file, []byte(exported), 0o600); err != nil {
			t.Fatal(err)
		}
		plan, err := server.CheckQueues(context.Background(), &server.Options{QueuesFile: file}, srv.URL())
		if err != nil {
			t.Fatalf("%v in\n%s", err, exported)
		}
		if create, change, ok := plan.Count(); create+change != 0 || ok != 3 {
			t.Errorf("%d to create, %d to change, %d ok, want 3 ok, for\n%s", create, change, ok, exported)
		}
		sh.environ[0] = "BUFEO_ENDPOINT_URL=" + serveQueues(t, file)
		if again := sh.ok(t, "queue export"+c.flags); again != exported {
			t.Errorf("exported again:\n%s, want\n%s", again, exported)
		}
		if one := sh.ok(t, "queue export dead"); !strings.HasPrefix(one, "queues:\n  - name: dead\n") || strings.Contains(one, "orders") {
			t.Errorf("one queue: got\n%s", one)
		}
	}
}

// serveQueues starts a server with the queues of a file, and returns its address.
func serveQueues(t *testing.T, file string) string {
	t.Helper()
	srv, err := server.New(&server.Options{InMemory: true, QueuesFile: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return web.URL
}
