// Command bufeo is a message queue that speaks Amazon SQS.
package main

import (
	"os"

	"github.com/bufeomq/bufeo/internal/cli"
)

func main() { os.Exit(cli.Main()) }
