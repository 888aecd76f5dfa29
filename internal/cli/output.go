package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// view is a result, ready for each form of output. Its names stay: scripts read them.
type view struct {
	object  any        // for json
	title   string     // of the table
	columns []string   // of the table
	rows    [][]string // for table and text
}

// printer writes results to stdout in the form that --output says.
type printer struct {
	w    io.Writer
	form string
}

func (t *target) printer() printer {
	form := t.output.value
	if form == "" {
		form = "json"
		if t.p.Terminal(t.p.Stdout) {
			form = "table"
		}
	}
	return printer{t.p.Stdout, form}
}

func (pr printer) print(v view) error {
	switch pr.form {
	case "table":
		_, err := io.WriteString(pr.w, table(v))
		return err
	case "text":
		return pr.text(v.rows)
	}
	return pr.json(v.object, "    ") // as the AWS CLI indents
}

func (pr printer) json(object any, indent string) error {
	e := json.NewEncoder(pr.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(object)
}

// text writes a line for each row, with tabs between the values.
func (pr printer) text(rows [][]string) error {
	var b strings.Builder
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(oneLine(v))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(pr.w, b.String())
	return err
}

// escapes keep a value on its line and in its column.
var escapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// oneLine escapes what would break lines and columns, and what a terminal would obey.
func oneLine(v string) string {
	v = escapes.Replace(v)
	if !strings.ContainsFunc(v, isControl) {
		return v
	}
	var b strings.Builder
	for _, r := range v {
		if isControl(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }
