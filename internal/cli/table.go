package cli

import (
	"strings"
	"unicode/utf8"
)

// table draws a view as the AWS CLI does: a box, its title, the names of the columns, the rows.
func table(v view) string {
	widths := make([]int, len(v.columns))
	cells := make([][]string, len(v.rows))
	for i, c := range v.columns {
		widths[i] = utf8.RuneCountInString(c)
	}
	for r, row := range v.rows {
		for i, value := range row {
			value = oneLine(value)
			cells[r] = append(cells[r], value)
			widths[i] = max(widths[i], utf8.RuneCountInString(value))
		}
	}
	inside := len(widths) - 1 // the bars between columns
	for i := range widths {
		widths[i] += 4 // two spaces on each side
		inside += widths[i]
	}
	if more := utf8.RuneCountInString(v.title) + 4 - inside; more > 0 {
		widths[len(widths)-1] += more
		inside += more
	}
	rule := "+"
	for _, w := range widths {
		rule += strings.Repeat("-", w) + "+"
	}
	var b strings.Builder
	b.WriteString(strings.Repeat("-", inside+2) + "\n|" + centred(v.title, inside) + "|\n" + rule + "\n")
	for i, c := range v.columns {
		b.WriteString("|" + centred(c, widths[i]))
	}
	b.WriteString("|\n" + rule + "\n")
	for _, row := range cells {
		for i, value := range row {
			b.WriteString("|  " + value + strings.Repeat(" ", widths[i]-2-utf8.RuneCountInString(value)))
		}
		b.WriteString("|\n")
	}
	if len(cells) > 0 {
		b.WriteString(rule + "\n")
	}
	return b.String()
}

func centred(s string, width int) string {
	space := width - utf8.RuneCountInString(s)
	return strings.Repeat(" ", space/2) + s + strings.Repeat(" ", space-space/2)
}
