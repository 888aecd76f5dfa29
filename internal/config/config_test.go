package config

import (
	"log/slog"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/obs"
)

// load reads a command line such as "--listen=:1 --allow-host=a" and variables such as "BUFEO_LISTEN=:1".
func load(flags, environ string) (*Config, error) {
	given := map[string][]string{}
	for _, f := range strings.Fields(flags) {
		name, value, _ := strings.Cut(strings.TrimPrefix(f, "--"), "=")
		given[name] = append(given[name], value)
	}
	vars := map[string]string{}
	for _, e := range strings.Fields(environ) {
		name, value, _ := strings.Cut(e, "=")
		vars[name] = value
	}
	return Load(func(n string) []string { return given[n] }, func(n string) string { return vars[n] })
}

func TestLoad_defaults(t *testing.T) {
	c, err := load("", "")
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := filepath.Abs("bufeo-data")
	want := &Config{Listen: "127.0.0.1:9324", ShutdownTimeout: 25 * time.Second, LogFormat: obs.Auto}
	want.Server.DataDir = dir
	want.Server.DiskMinFree = 256 << 20
	want.Server.MaxQueues = 100_000
	want.Server.Region = "us-east-1"
	want.Server.Account = "000000000000"
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

func TestLoad_flag_beats_variable_beats_default(t *testing.T) {
	c, err := load("--region=eu-west-1", "BUFEO_REGION=eu-west-2 BUFEO_ACCOUNT_ID=123456789012 BUFEO_LISTEN=")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Server.Region, "eu-west-1"; got != want {
		t.Errorf("region %s, want %s: the flag's", got, want)
	}
	if got, want := c.Server.Account, "123456789012"; got != want {
		t.Errorf("account %s, want %s: the variable's", got, want)
	}
	if got, want := c.Listen, "127.0.0.1:9324"; got != want {
		t.Errorf("address %s, want %s: an empty variable is none", got, want)
	}
}

func TestLoad_bad_variable_is_no_matter_when_a_flag_replaces_it(t *testing.T) {
	if _, err := load("--log-level=warn", "BUFEO_LOG_LEVEL=loud"); err != nil {
		t.Error(err)
	}
}

func TestLoad_every_option(t *testing.T) {
	c, err := load(`--listen=[::1]:0 --data=/srv/q --disk-min-free=1GiB --memory-limit=256MiB --max-connections=500
		--max-queues=0 --max-storage=1TiB --max-queue-storage=5 --region=cn-north-1 --account-id=123456789012
		--public-url=https://sqs.example.org:8443/ --allow-host=a.example --allow-host=b.example,c.example
		--insecure-accept-any-credentials=true --relaxed-cooldowns=true --queues=q.yaml --queues-check=true
		--auto-create-queues=true --fair-queues=off --shutdown-timeout=1m30s
		--log-level=debug --log-format=json`, "")
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{Listen: "[::1]:0", ShutdownTimeout: 90 * time.Second, QueuesCheck: true, LogLevel: slog.LevelDebug, LogFormat: obs.JSON}
	want.Server.DataDir, _ = filepath.Abs("/srv/q")
	want.Server.DiskMinFree = 1 << 30
	want.Server.MemoryLimit = 256 << 20
	want.Server.MaxConnections = 500
	want.Server.MaxQueues = -1
	want.Server.MaxStorage = 1 << 40
	want.Server.MaxQueueStorage = 5
	want.Server.Region = "cn-north-1"
	want.Server.Account = "123456789012"
	want.Server.PublicURL = &url.URL{Scheme: "https", Host: "sqs.example.org:8443", Path: "/"}
	want.Server.AllowHosts = []string{"a.example", "b.example", "c.example"}
	want.Server.AcceptAnyCredentials = true
	want.Server.RelaxedCooldowns = true
	want.Server.QueuesFile = "q.yaml"
	want.Server.AutoCreateQueues = true
	want.Server.NoFairQueues = true
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if err := c.Server.Validate(); err != nil {
		t.Errorf("the server does not take it: %v", err)
	}
}

func TestLoad_refuses(t *testing.T) {
	for _, c := range []struct{ flags, environ, want string }{
		{"--listen=9324", "", `--listen is "9324", want host and port as in 127.0.0.1:9324`},
		{"--listen=localhost:http", "", `--listen is "localhost:http", want host and port as in 127.0.0.1:9324`},
		{"--listen=:70000", "", `--listen is ":70000", want host and port as in 127.0.0.1:9324`},
		{"--data=", "", `--data is "", want a folder`},
		{"--disk-min-free=256MB", "", `--disk-min-free is "256MB", want a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB`},
		{"--max-queues=many", "", `--max-queues is "many", want a number as in 1000`},
		{"", "BUFEO_MAX_QUEUES=-1", `BUFEO_MAX_QUEUES is "-1", want a number as in 1000`},
		{"--max-queue-storage=1GB", "", `--max-queue-storage is "1GB", want a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB`},
		{"--disk-min-free=-1", "", `--disk-min-free is "-1", want a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB`},
		{"--disk-min-free=8388608TiB", "", `--disk-min-free is "8388608TiB", want a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB`},
		{"--memory-limit=95MiB", "", `--memory-limit is "95MiB", want at least 96MiB, as a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB`},
		{"--memory-limit=0", "", `--memory-limit is "0", want at least 96MiB, as a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB`},
		{"--max-connections=0", "", `--max-connections is "0", want a number as in 1000`},
		{"--region=US_EAST", "", `--region is "US_EAST", want a region as in us-east-1`},
		{"--region=", "", `--region is "", want a region as in us-east-1`},
		{"", "BUFEO_ACCOUNT_ID=123", `BUFEO_ACCOUNT_ID is "123", want 12 digits`},
		{"--public-url=sqs.example.org", "", `--public-url is "sqs.example.org", want scheme and host as in https://sqs.example.org`},
		{"--public-url=https://sqs.example.org/base", "", `--public-url is "https://sqs.example.org/base", want scheme and host as in https://sqs.example.org`},
		{"--public-url=%zz", "", `--public-url is "%zz", want scheme and host as in https://sqs.example.org`},
		{"--allow-host=http://a", "", `--allow-host is "http://a", want a host name as in sqs.example.org`},
		{"", "BUFEO_RELAXED_COOLDOWNS=maybe", `BUFEO_RELAXED_COOLDOWNS is "maybe", want true or false`},
		{"--queues=", "", `--queues is "", want a file`},
		{"", "BUFEO_AUTO_CREATE_QUEUES=yes", `BUFEO_AUTO_CREATE_QUEUES is "yes", want true or false`},
		{"", "BUFEO_FAIR_QUEUES=false", `BUFEO_FAIR_QUEUES is "false", want on or off`},
		{"--shutdown-timeout=25", "", `--shutdown-timeout is "25", want a duration as in 25s or 1m`},
		{"--shutdown-timeout=0s", "", `--shutdown-timeout is "0s", want a duration as in 25s or 1m`},
		{"--log-level=info+1", "", `--log-level is "info+1", want debug, info, warn or error`},
		{"--log-format=xml", "", `--log-format is "xml", want auto, text or json`},
	} {
		t.Run(c.flags+c.environ, func(t *testing.T) {
			_, err := load(c.flags, c.environ)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	var names []string
	for i := range Options {
		names = append(names, Options[i].Name)
	}
	for name, want := range map[string]string{
		"lisen":        "listen",
		"LISTEN":       "listen",
		"log":          "log-level",
		"loglevel":     "log-level",
		"account":      "account-id",
		"publicurl":    "public-url",
		"insecure":     "insecure-accept-any-credentials",
		"x":            "",
		"verbose":      "",
		"endpoint-url": "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestMisspeltVariables(t *testing.T) {
	got := MisspeltVariables([]string{
		"BUFEO_LISTN=:1", "BUFEO_LOGLEVEL=info", // mistakes
		"BUFEO_LISTEN=:1", "BUFEO_ENDPOINT_URL=http://x", "HOME=/root", // right, or none of our business
		"BUFEO_PORT=tcp://10.0.0.1:9324", "BUFEO_SERVICE_HOST=10.0.0.1", "BUFEO_PORT_9324_TCP=tcp://10.0.0.1:9324", // Kubernetes
	})
	want := map[string]string{"BUFEO_LISTN": "BUFEO_LISTEN", "BUFEO_LOGLEVEL": "BUFEO_LOG_LEVEL"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
