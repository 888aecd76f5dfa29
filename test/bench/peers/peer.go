package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/bufeomq/bufeo/internal/load"
)

// peer is a server of other people's that can be installed.
type peer struct {
	name  string // of -peers and of the table
	what  string // version and settings, for those who read the table
	keeps bool   // what it acknowledges outlives its process
	query bool   // it knows AWS Query only

	install func(ctx context.Context, c *cache) error
	// command is how it is started on a free port, with dir for all that it writes.
	command func(c *cache, dir string, port int) (*exec.Cmd, error)
}

// The versions are the newest that the registries had. sqslite and SmoothMQ are in none that serves them as a program; who
// has one of them can start it and give it with -also.
const (
	elasticMQ = "1.7.1"
	goaws     = "v0.4.5"
)

var peers = []*peer{
	{
		name: "elasticmq", what: "ElasticMQ " + elasticMQ + ", in memory, its own settings but for less logging",
		install: installElasticMQ, command: elasticMQCommand(elasticMQConf),
	},
	{
		name: "elasticmq-h2", what: "the same with its messages in an H2 database on the same disk", keeps: true,
		install: installElasticMQ, command: elasticMQCommand(elasticMQConf + elasticMQOnDisk),
	},
	{
		name: "goaws", what: "goaws " + goaws + ", in memory, its own settings; it knows AWS Query only", query: true,
		install: installGoaws, command: goawsCommand,
	},
	{
		name: "moto", what: "moto's server, as test/compat/python/requirements-s3.txt pins it, in memory; a new connection for each request",
		install: installMoto, command: motoCommand,
	},
}

func peerNames() (names []string) {
	for _, p := range peers {
		names = append(names, p.name)
	}
	return names
}

func (p *peer) protocol(o *options) load.Protocol {
	if p.query {
		return load.Query{}
	}
	return o.wire()
}

func (o *options) wire() load.Protocol {
	p, err := load.ProtocolNamed(o.protocol)
	if err != nil {
		panic(err) // validate has seen to it
	}
	return p
}

// ElasticMQ is on Maven Central as a library; its class path is what Maven collects for it.
const elasticMQProject = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bufeo</groupId>
  <artifactId>peers</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.elasticmq</groupId>
      <artifactId>elasticmq-server_2.13</artifactId>
      <version>` + elasticMQ + `</version>
    </dependency>
  </dependencies>
</project>
`

func installElasticMQ(ctx context.Context, c *cache) error {
	return c.once(c.elasticMQ(), func(dir string) error {
		if err := write(filepath.Join(dir, "pom.xml"), elasticMQProject); err != nil {
			return err
		}
		return c.command(ctx, dir, "mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", "-Dmaven.repo.local="+c.path("maven"),
			"org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib")
	})
}

const (
	elasticMQConf = `include classpath("application.conf")
node-address { host = "127.0.0.1", port = %[1]d }
rest-sqs { bind-hostname = "127.0.0.1", bind-port = %[1]d }
pekko.loglevel = "WARNING"
`
	elasticMQOnDisk = `messages-storage { enabled = true, uri = "jdbc:h2:%[2]s" }
`
)

func elasticMQCommand(conf string) func(c *cache, dir string, port int) (*exec.Cmd, error) {
	return func(c *cache, dir string, port int) (*exec.Cmd, error) {
		file := filepath.Join(dir, "elasticmq.conf")
		// The end of the text is for a form that has no place for the database.
		text := fmt.Sprintf(conf+"# %[2]s\n", port, filepath.Join(dir, "messages"))
		if err := write(file, text); err != nil {
			return nil, err
		}
		return exec.Command("java", "-Dconfig.file="+file, "-cp", filepath.Join(c.elasticMQ(), "lib", "*"), "org.elasticmq.server.Main"), nil
	}
}

func installGoaws(ctx context.Context, c *cache) error {
	return c.once(c.goaws(), func(dir string) error {
		return c.command(ctx, dir, "env", "GOBIN="+dir, "go", "install", "github.com/Admiral-Piett/goaws/app/cmd@"+goaws)
	})
}

func goawsCommand(c *cache, dir string, port int) (*exec.Cmd, error) {
	file := filepath.Join(dir, "goaws.yaml")
	text := fmt.Sprintf("Local:\n  Host: 127.0.0.1\n  Port: %d\n  Region: us-east-1\n  AccountId: \"000000000000\"\n", port)
	return exec.Command(filepath.Join(c.goaws(), "cmd"), "-config", file), write(file, text)
}

// moto is in an environment of the tests of real clients, with all that it needs pinned.
func installMoto(ctx context.Context, c *cache) error { _, err := c.venv(ctx); return err }

func motoCommand(c *cache, _ string, port int) (*exec.Cmd, error) {
	venv, err := c.venv(context.Background())
	return exec.Command(filepath.Join(venv, "bin", "python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", fmt.Sprint(port)), err
}
