package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bufeomq/bufeo/internal/obs"
)

func newVersion(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Say which bufeo this is",
		Example: "  bufeo version\n  bufeo version --json",
		Args:    noArguments,
	}
	asJSON := addToggle(cmd.Flags(), "json", "", "as a JSON object")
	cmd.RunE = func(*cobra.Command, []string) error {
		b := obs.ThisBuild()
		if *asJSON {
			return json.NewEncoder(p.Stdout).Encode(b)
		}
		_, err := fmt.Fprintln(p.Stdout, versionLine(b))
		return err
	}
	return cmd
}

// versionLine is all of it in one line: bufeo v1.2.3 (3f2c1ab 2026-01-02T03:04:05Z, modified) go1.26.0 linux/amd64.
func versionLine(b obs.Build) string {
	commit := ""
	if b.Revision != "" {
		commit = strings.TrimSpace(fmt.Sprintf("%.12s %s", b.Revision, b.Time))
		if b.Modified {
			commit += ", modified"
		}
		commit = " (" + commit + ")"
	}
	return fmt.Sprintf("bufeo %s%s %s %s", b.Version, commit, b.Go, b.Platform)
}
