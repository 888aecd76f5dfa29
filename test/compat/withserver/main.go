// Command withserver runs the suite of a client in another language against a bufeo of its own:
//
//	withserver -client NAME -version VERSION COMMAND [ARGUMENT…]
//
// The command finds the server's address in BUFEO_URL. Its exit status decides; when it is 0 and the server stops
// cleanly, what the client called is recorded (see package harness).
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func main() {
	client := flag.String("client", "", "name of the client, for the record")
	version := flag.String("version", "", "its version")
	flag.Parse()
	if *client == "" || *version == "" || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: withserver -client NAME -version VERSION COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	if err := run(*client, *version, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "%s %s: %v\n", *client, *version, err)
		os.Exit(1)
	}
	fmt.Printf("%s %s: passed\n", *client, *version)
}

func run(client, version string, command []string) (err error) {
	dir, err := os.MkdirTemp("", "bufeo-compat-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := harness.Launch(filepath.Join(dir, "data"), "--relaxed-cooldowns")
	if err != nil {
		return err
	}
	suite := exec.Command(command[0], command[1:]...)
	suite.Env = harness.Environ("BUFEO_URL=" + server.URL)
	suite.Stdout, suite.Stderr = os.Stdout, os.Stderr
	if err := errors.Join(suite.Run(), server.Stop()); err != nil {
		return err
	}
	return harness.WriteRecord(client, version)
}
