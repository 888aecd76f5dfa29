package lint

import (
	"cmp"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// row says what a package may import: packages of ours, and of other modules. Imports point down only: to need an arrow
// upwards is to have a type in the wrong place. An external package stands at the one place that hides it from all
// others. A new package needs a row here, which is the moment to ask whether it is in the right place.
type row struct{ own, others []string }

var rows = map[string]row{
	"internal/api":    {}, // standard library only: both halves share it
	"internal/room":   {},
	"internal/memory": {},
	"internal/obs":    {nil, []string{"golang.org/x/term"}},
	"internal/wire":   {[]string{"internal/api"}, []string{"github.com/go-json-experiment/json/jsontext"}},
	"internal/store": {[]string{"internal/api"}, []string{
		"github.com/cockroachdb/pebble/v2", "github.com/cockroachdb/pebble/v2/bloom",
		"github.com/cockroachdb/pebble/v2/sstable", "github.com/cockroachdb/pebble/v2/vfs",
	}},
	"internal/engine":     {[]string{"internal/api", "internal/store"}, nil},
	"internal/enginetest": {[]string{"internal/api", "internal/engine", "internal/store"}, nil}, // its tests, that is
	// wire: for the digests of message attributes, which both halves compute.
	"internal/service": {[]string{"internal/api", "internal/engine", "internal/obs", "internal/wire"}, nil},
	// vfs: the copy of the queues on which a file is tried out is in memory.
	"internal/declare": {
		[]string{"internal/api", "internal/engine", "internal/service", "internal/store", "internal/wire"},
		[]string{"github.com/agnivade/levenshtein", "github.com/cockroachdb/pebble/v2/vfs", "go.yaml.in/yaml/v3"},
	},
	"internal/gateway": {[]string{"internal/api", "internal/obs", "internal/room", "internal/service", "internal/wire"}, nil},
	"internal/http1":   {nil, []string{"golang.org/x/sys/unix"}},
	"internal/seam":    {[]string{"internal/engine", "internal/gateway"}, []string{"github.com/cockroachdb/pebble/v2/vfs"}},
	"server": {
		[]string{"internal/api", "internal/declare", "internal/engine", "internal/gateway", "internal/http1", "internal/memory", "internal/obs", "internal/seam", "internal/service", "internal/store", "internal/wire"},
		[]string{"github.com/cockroachdb/pebble/v2/vfs"}, // Options.InMemory
	},
	"sqs": {[]string{"internal/api", "internal/wire"}, []string{
		"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/aws/retry", "github.com/aws/aws-sdk-go-v2/aws/signer/v4",
		"github.com/aws/aws-sdk-go-v2/aws/transport/http",
	}},
	"sqs/s3store": {[]string{"sqs"}, []string{"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/s3"}},
	"sqstest": {
		[]string{"internal/api", "internal/engine", "internal/gateway", "internal/seam", "server", "sqs"},
		[]string{"github.com/aws/aws-sdk-go-v2/aws"},
	},
	// nothing of ours: it drives any endpoint, and must not share a bug with what it measures
	"internal/load":   {nil, []string{"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/aws/signer/v4"}},
	"internal/config": {[]string{"internal/obs", "server"}, []string{"github.com/agnivade/levenshtein"}},
	"internal/cli": {[]string{"internal/config", "internal/load", "internal/memory", "internal/obs", "server", "sqs"}, []string{
		"github.com/schollz/progressbar/v3", "github.com/spf13/cobra", "github.com/spf13/pflag", "go.yaml.in/yaml/v3", "golang.org/x/term", "gopkg.in/ini.v1",
	}},
	"cmd/bufeo":     {[]string{"internal/cli"}, nil},
	"internal/lint": {[]string{"internal/config", "internal/store"}, nil}, // its tests, that is
}

// directions compares the imports of each of our packages with its row.
func directions(g graph) (ps []problem) {
	for _, name := range slices.Sorted(maps.Keys(g)) {
		p := g[name]
		if !p.own() {
			continue
		}
		r, ok := rows[p.rel()]
		if !ok {
			ps = append(ps, problemf("%s has no row in %s", p.rel(), "internal/lint/imports_test.go"))
			continue
		}
		for _, name := range p.Imports {
			i := g[name]
			switch {
			case i == nil || i.Standard:
			case i.own() && !slices.Contains(r.own, i.rel()):
				ps = append(ps, problemf("%s imports %s, which is not below it", p.rel(), i.rel()))
			case !i.own() && !slices.Contains(r.others, name):
				ps = append(ps, problemf("%s imports %s, which its row does not list", p.rel(), name))
			}
		}
	}
	return ps
}

func TestImports_point_down(t *testing.T) {
	for _, platform := range platforms {
		report(t, directions(packages(t, platform)))
	}
	expect(t, directions(network(
		"internal/api: fmt github.com/spf13/cobra",
		"internal/store: internal/api internal/engine",
		"internal/engine: internal/store internal/api",
		"internal/service: internal/engine",
		"internal/utils: fmt",
	)), "internal/api imports github.com/spf13/cobra", "internal/store imports internal/engine", "internal/utils has no row")
}

const architecture = "docs/architecture.md"

var (
	treeLine    = regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)` \\|.*\\| ([^|]*) \\|$")
	parenthesis = regexp.MustCompile(`\([^)]*\)`)
)

// undrawn compares the rows with the table in the document on the architecture, which names packages by their last part.
func undrawn(document string) (ps []problem) {
	drawn := map[string]string{}
	for _, m := range treeLine.FindAllStringSubmatch(document, -1) {
		names := strings.Split(strings.ReplaceAll(parenthesis.ReplaceAllString(m[2], ""), " ", ""), ",")
		slices.Sort(names)
		drawn[m[1]] = strings.Join(names, " ")
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		var own []string
		for _, o := range rows[name].own {
			own = append(own, path.Base(o))
		}
		slices.Sort(own)
		want := cmp.Or(strings.Join(own, " "), "nothing")
		if got := drawn[name]; got != want {
			ps = append(ps, problemf("%s: %s may import %q there, and %q here", architecture, name, got, want))
		}
	}
	return ps
}

func TestArchitecture_draws_the_imports(t *testing.T) {
	text, err := fs.ReadFile(repository(), architecture)
	if err != nil {
		t.Fatal(err)
	}
	report(t, undrawn(string(text)))
	wrong := strings.Replace(string(text), "| store, api |", "| store, api (limits), wire |", 1)
	expect(t, undrawn(wrong), architecture+`: internal/engine may import "api store wire" there, and "api store" here`)
}

// border forbids a package to reach others, through however many packages in between.
type border struct {
	from   string
	never  []string // import paths; what is below them is meant, too
	beyond []string // packages whose own imports do not count, with those below them
	reason string
}

var borders = []border{
	{
		from: "sqs",
		never: []string{
			"github.com/cockroachdb/pebble", "github.com/nats-io", module + "/server", module + "/internal/engine",
			module + "/internal/store", module + "/internal/service", module + "/internal/gateway",
			"github.com/aws/aws-sdk-go-v2/service", "github.com/aws/aws-sdk-go-v2/config",
		},
		reason: "a client library must not bring a server along, nor the client that it replaces",
	},
	{
		from:  "internal/engine",
		never: []string{"net/http", module + "/internal/service", module + "/internal/wire"},
		// Pebble brings net/http by itself, for its metrics and error reports, and nothing of ours can help that.
		beyond: []string{"github.com/cockroachdb/pebble/v2"},
		reason: "queues know nothing of the wire",
	},
	{
		from:   "internal/wire",
		never:  []string{"net/http"},
		reason: "codecs turn bytes into structures and back, whoever carries them",
	},
	{
		from:   "internal/service",
		never:  []string{"net/http", "github.com/cockroachdb/pebble"},
		beyond: []string{module + "/internal/engine"},
		reason: "actions are functions of their input and the engine: HTTP is the gateway's, disks are the store's",
	},
}

// trespasses looks for a way from each border's package to one that it must not reach.
func trespasses(g graph, borders []border) (ps []problem) {
	for _, b := range borders {
		if way := b.find(g, module+"/"+b.from, map[string]bool{}); way != nil {
			ps = append(ps, problemf("%s: %s", strings.Join(way, " → "), b.reason))
		}
	}
	return ps
}

// find returns the packages from path to a forbidden one.
func (b *border) find(g graph, path string, seen map[string]bool) []string {
	p := g[path]
	if p == nil || seen[path] || below(path, b.beyond) {
		return nil
	}
	seen[path] = true
	for _, i := range p.Imports {
		if below(i, b.never) {
			return []string{path, i}
		}
		if way := b.find(g, i, seen); way != nil {
			return append([]string{path}, way...)
		}
	}
	return nil
}

// below reports whether a path is one of tops, or below one.
func below(path string, tops []string) bool {
	return slices.ContainsFunc(tops, func(top string) bool { return path == top || strings.HasPrefix(path, top+"/") })
}

func TestBorders(t *testing.T) {
	g := packages(t, "linux/amd64")
	for _, b := range borders {
		if g[module+"/"+b.from] == nil {
			t.Errorf("%s does not exist: mend the table", b.from)
		}
	}
	report(t, trespasses(g, borders))
	expect(t, trespasses(network(
		"sqs: internal/wire internal/tools",
		"internal/wire: fmt",
		"internal/tools: github.com/cockroachdb/pebble/v2/vfs",
		"internal/engine: internal/store internal/events",
		"internal/store: github.com/cockroachdb/pebble/v2",
		"github.com/cockroachdb/pebble/v2: net/http",
		"internal/events: net/http",
	), borders), module+"/sqs → "+module+"/internal/tools → github.com/cockroachdb/pebble/v2/vfs",
		module+"/internal/engine → "+module+"/internal/events → net/http")
}
