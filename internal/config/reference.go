package config

import (
	"fmt"
	"strings"
)

// Reference is the table of options for the documentation, in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("| flag | variable | default | |\n|---|---|---|---|\n")
	for i := range Options {
		o := &Options[i]
		flag, value := "--"+o.Name, "`"+o.Default+"`"
		if !o.Switch() {
			flag += " " + o.Value
		}
		if o.Default == "" {
			value = "-"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", flag, o.Env(), value, o.Help)
	}
	return b.String()
}
