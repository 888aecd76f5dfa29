package config

import (
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/obs"
	"github.com/bufeomq/bufeo/server"
)

// Option is one row of the table.
type Option struct {
	Name    string // of the flag, without dashes; the variable follows from it
	Value   string // placeholder in help texts; "" for a switch, which needs no value
	Default string // "" for none
	Help    string // one line, no full stop
	Allowed string // what values it takes, as the end of "…, want"
	set     func(c *Config, v string) bool
}

// Env is the variable of the option: BUFEO_LOG_LEVEL for log-level.
//
// Kubernetes sets BUFEO_PORT and BUFEO_SERVICE_* in every pod beside a service named bufeo, so no option may be called
// port or start with service.
func (o *Option) Env() string {
	return "BUFEO_" + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// Switch reports whether the option is on when its flag is given without a value.
func (o *Option) Switch() bool { return o.Value == "" }

// Options is the table, in the order of the help text.
var Options = []Option{
	{
		Name: "listen", Value: "ADDR", Default: server.DefaultAddress,
		Help:    "address to listen on; port 0 takes a free one",
		Allowed: "host and port as in 127.0.0.1:9324",
		set:     setListen,
	},
	{
		Name: "data", Value: "DIR", Default: "./" + server.DefaultDataDir,
		Help:    "folder that keeps the queues, created if missing",
		Allowed: "a folder",
		set:     setData,
	},
	{
		Name: "disk-min-free", Value: "SIZE", Default: "256MiB",
		Help:    "free space on the volume of --data below which sends are refused; 0 for none",
		Allowed: allowedSize,
		set: func(c *Config, v string) (ok bool) {
			c.Server.DiskMinFree, ok = parseSize(v)
			if c.Server.DiskMinFree == 0 {
				c.Server.DiskMinFree = -1 // 0 is the default there
			}
			return ok
		},
	},
	{
		Name: "memory-limit", Value: "SIZE",
		Help:    "memory to stay within, at least 96MiB; by default 75 % of the control group's limit, or 1GiB",
		Allowed: "at least 96MiB, as a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB",
		set: func(c *Config, v string) (ok bool) {
			c.Server.MemoryLimit, ok = parseSize(v)
			return ok && c.Server.MemoryLimit > 0 && (&server.Options{MemoryLimit: c.Server.MemoryLimit}).Validate() == nil
		},
	},
	{
		Name: "max-connections", Value: "N",
		Help:    "connections at a time; by default what --memory-limit and the system's limit of open files allow",
		Allowed: "a number as in 1000",
		set: func(c *Config, v string) bool {
			n, err := strconv.Atoi(v)
			c.Server.MaxConnections = n
			return err == nil && n > 0
		},
	},
	{
		Name: "max-queues", Value: "N", Default: strconv.Itoa(server.DefaultMaxQueues),
		Help:    "queues that there may be; with as many, no more are created; 0 for no limit",
		Allowed: "a number as in 1000",
		set: func(c *Config, v string) bool {
			n, err := strconv.Atoi(v)
			c.Server.MaxQueues = n
			if n == 0 {
				c.Server.MaxQueues = -1 // 0 is the default there
			}
			return err == nil && n >= 0
		},
	},
	{
		Name: "max-storage", Value: "SIZE", Default: "0",
		Help:    "bytes of messages in all queues beyond which sends are refused; 0 for no limit",
		Allowed: allowedSize,
		set:     setSize(func(c *Config) *int64 { return &c.Server.MaxStorage }),
	},
	{
		Name: "max-queue-storage", Value: "SIZE", Default: "0",
		Help:    "the same for each queue",
		Allowed: allowedSize,
		set:     setSize(func(c *Config) *int64 { return &c.Server.MaxQueueStorage }),
	},
	{
		Name: "region", Value: "NAME", Default: server.DefaultRegion,
		Help:    "region of requests that do not name one",
		Allowed: "a region as in us-east-1",
		set: func(c *Config, v string) bool {
			c.Server.Region = v
			return v != "" && (&server.Options{Region: v}).Validate() == nil
		},
	},
	{
		Name: "account-id", Value: "ID", Default: server.DefaultAccount,
		Help:    "account of the queues",
		Allowed: "12 digits",
		set: func(c *Config, v string) bool {
			c.Server.Account = v
			return v != "" && (&server.Options{Account: v}).Validate() == nil
		},
	},
	{
		Name: "public-url", Value: "URL",
		Help:    "what queue URLs start with, instead of the host that the client used",
		Allowed: "scheme and host as in https://sqs.example.org",
		set:     setPublicURL,
	},
	{
		Name: "allow-host", Value: "HOST",
		Help:    "further host name that clients may use on a loopback address; repeat, or separate by commas",
		Allowed: "a host name as in sqs.example.org",
		set:     setAllowHost,
	},
	{
		Name:    "insecure-accept-any-credentials",
		Help:    "allow addresses beyond loopback, although no credentials are checked",
		Allowed: "true or false",
		set:     setBool(func(c *Config) *bool { return &c.Server.AcceptAnyCredentials }),
	},
	{
		Name:    "relaxed-cooldowns",
		Help:    "allow to purge and to recreate a queue within 60 seconds",
		Allowed: "true or false",
		set:     setBool(func(c *Config) *bool { return &c.Server.RelaxedCooldowns }),
	},
	{
		Name: "queues", Value: "FILE",
		Help:    "YAML file of queues to create or change at start and on SIGHUP",
		Allowed: "a file",
		set:     setFile(func(c *Config) *string { return &c.Server.QueuesFile }),
	},
	{
		Name:    "queues-check",
		Help:    "print what --queues would do, and end: exit code 0 nothing, 1 something, 2 failed",
		Allowed: "true or false",
		set:     setBool(func(c *Config) *bool { return &c.QueuesCheck }),
	},
	{
		Name:    "auto-create-queues",
		Help:    "create a missing queue on its first use, with default attributes",
		Allowed: "true or false",
		set:     setBool(func(c *Config) *bool { return &c.Server.AutoCreateQueues }),
	},
	{
		Name: "fair-queues", Value: "MODE", Default: "on",
		Help:    "on, or off: whether quiet message groups of a standard queue may pass a busy one",
		Allowed: "on or off",
		set: func(c *Config, v string) bool {
			c.Server.NoFairQueues = v == "off"
			return v == "on" || v == "off"
		},
	},
	{
		Name: "shutdown-timeout", Value: "DURATION", Default: "25s", // under the 30 s of Kubernetes
		Help:    "how long requests may take to finish after a signal to stop",
		Allowed: "a duration as in 25s or 1m",
		set: func(c *Config, v string) (ok bool) {
			d, err := time.ParseDuration(v)
			c.ShutdownTimeout = d
			return err == nil && d > 0
		},
	},
	{
		Name: "log-level", Value: "LEVEL", Default: "info",
		Help:    "least severe records to log: debug, info, warn or error",
		Allowed: "debug, info, warn or error",
		set:     setLogLevel,
	},
	{
		Name: "log-format", Value: "FORMAT", Default: string(obs.Auto),
		Help:    "text, json, or auto: text on a terminal, else json",
		Allowed: "auto, text or json",
		set: func(c *Config, v string) bool {
			c.LogFormat = obs.Format(v)
			return slices.Contains([]obs.Format{obs.Auto, obs.Text, obs.JSON}, c.LogFormat)
		},
	},
}

func setListen(c *Config, v string) bool {
	c.Listen = v
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func setData(c *Config, v string) (ok bool) {
	dir, err := filepath.Abs(v)
	c.Server.DataDir = dir
	return err == nil && v != ""
}

const allowedSize = "a number of bytes as in 1073741824, or of KiB, MiB, GiB or TiB as in 256MiB"

func setSize(field func(*Config) *int64) func(*Config, string) bool {
	return func(c *Config, v string) (ok bool) {
		*field(c), ok = parseSize(v)
		return ok
	}
}

// setFile keeps the name as it was written: it is in messages with line numbers, which are pasted into editors.
func setFile(field func(*Config) *string) func(*Config, string) bool {
	return func(c *Config, v string) bool {
		*field(c) = v
		return v != ""
	}
}

func setPublicURL(c *Config, v string) bool {
	u, err := url.Parse(v)
	c.Server.PublicURL = u
	return err == nil && (&server.Options{PublicURL: u}).Validate() == nil
}

func setAllowHost(c *Config, v string) bool {
	for host := range strings.SplitSeq(v, ",") {
		c.Server.AllowHosts = append(c.Server.AllowHosts, strings.TrimSpace(host))
	}
	return (&server.Options{AllowHosts: c.Server.AllowHosts}).Validate() == nil
}

func setBool(field func(*Config) *bool) func(*Config, string) bool {
	return func(c *Config, v string) bool {
		b, err := strconv.ParseBool(v)
		*field(c) = b
		return err == nil
	}
}

// setLogLevel takes the four names only, not the "info+2" that slog would.
func setLogLevel(c *Config, v string) bool {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, v) {
		return false
	}
	return c.LogLevel.UnmarshalText([]byte(v)) == nil
}
