package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/bufeomq/bufeo/sqs"
)

// FuzzCopyState: the state of an interrupted copy is taken up, or refused, and taken up again as it was.
func FuzzCopyState(f *testing.F) {
	f.Add("{\"Copy\":{\"Source\":\"a\",\"Target\":\"b\",\"Keep\":false}}\n{\"Page\":[{\"ID\":\"1\",\"Handle\":\"h\"}]}\n{\"Sending\":[\"1\"]}\n{\"Sent\":[\"1\"],\"Deleted\":[\"1\"]}\n{\"Se")
	f.Add("{\"Copy\":{\"Source\":\"c\"}}\n")
	f.Add("null\n{}\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		name := filepath.Join(dir, "state")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		open := func() *copyState {
			s, err := openCopyState(name, copyHead{Source: "a", Target: "b"})
			if err != nil {
				return nil
			}
			s.close()
			s.f = nil
			return s
		}
		first := open()
		if first == nil {
			return
		}
		second := open()
		if second == nil {
			t.Fatal("it is not taken up again")
		}
		sent, unsent := first.interrupted()
		sent2, unsent2 := second.interrupted()
		if first.resumed && (!slices.Equal(sent, sent2) || !slices.Equal(unsent, unsent2) || !reflect.DeepEqual(first.left, second.left)) {
			t.Errorf("first  %+v\nsecond %+v", first, second)
		}
	})
}

// FuzzSendLine: a line of `bufeo send --stream` is a message or a mistake, and what it says beats the flags.
func FuzzSendLine(f *testing.F) {
	f.Add([]byte(`{"Body":"a","Attributes":{"MessageGroupId":"g"},"MessageAttributes":{"n":{"DataType":"String","StringValue":"v"}}}`))
	f.Add([]byte(`[1]`))
	no := toggle(false)
	like := sqs.Message{GroupID: "group", MessageAttributes: map[string]sqs.MessageAttribute{"n": {DataType: "String", String: "flag"}}}
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, fifo := range []bool{false, true} {
			m, err := (&sendFlags{lines: &no}).parser(like, fifo)(line)
			if err == nil && (m.GroupID == "" || len(m.MessageAttributes) == 0 || !fifo && m.DeduplicationID != "") {
				t.Errorf("%s: got %+v", line, m)
			}
		}
	})
}
