package cli

import (
	"bytes"
	"testing"
)

func TestPrinter(t *testing.T) {
	v := view{
		object:  map[string]string{"Name": "<ä>"},
		title:   "A title that is longer",
		columns: []string{"Name", "Value"},
		rows:    [][]string{{"ä", "tab\tline\nback\\"}, {"b", "\x1b[31m"}},
	}
	for form, want := range map[string]string{
		"json": "{\n    \"Name\": \"<ä>\"\n}\n",
		"text": "ä\ttab\\tline\\nback\\\\\nb\t\\u001b[31m\n",
		"table": `--------------------------------
|    A title that is longer    |
+--------+---------------------+
|  Name  |        Value        |
+--------+---------------------+
|  ä     |  tab\tline\nback\\  |
|  b     |  \u001b[31m         |
+--------+---------------------+
`,
	} {
		var b bytes.Buffer
		if err := (printer{&b, form}).print(v); err != nil || b.String() != want {
			t.Errorf("%s: got\n%swant\n%s", form, b.String(), want)
		}
	}
	narrow := table(view{title: "A title that is longer", columns: []string{"N"}})
	if want := `----------------------------
|  A title that is longer  |
+--------------------------+
|            N             |
+--------------------------+
`; narrow != want {
		t.Errorf("got\n%swant\n%s", narrow, want)
	}
}
