// Command matrix holds docs/compat.md against the records that the suites of a run have left (see package harness):
//
//	matrix -group GROUP -records DIR            fails if the page says anything else than the records of the group
//	matrix -group GROUP -records DIR -rewrite   writes that part of the page
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

// groups are the clients that a make target runs, in the order of the page. A client that left no record has not run.
var groups = map[string][]string{
	"clients": {
		"aws-sdk-go-v2", "aws-sdk-go v1", "aws-sdk-go v1 (Query)", "boto3", "boto3 (Query)", "boto2", "AWS CLI", "Celery", "Celery (Query)",
		"Go CDK pubsub (gocloud.dev)", "Watermill (watermill-aws)",
	},
	"compat": {"sqs-consumer", "JMS library for SQS", "AWS SDK for Java v2, batch manager"},
}

func main() {
	group := flag.String("group", "", "clients or compat")
	records := flag.String("records", "", "folder that the suites left their records in")
	rewrite := flag.Bool("rewrite", false, "write the page instead of checking it")
	flag.Parse()
	if groups[*group] == nil || *records == "" || flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*group, *records, *rewrite); err != nil {
		fmt.Fprintln(os.Stderr, "docs/compat.md:", err)
		os.Exit(1)
	}
}

func run(group, dir string, rewrite bool) error {
	records, err := read(dir, groups[group])
	if err != nil {
		return err
	}
	root, err := harness.Root()
	if err != nil {
		return err
	}
	path := filepath.Join(root, "docs", "compat.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	page, err := replace(string(text), group, render(records))
	if err != nil {
		return err
	}
	switch {
	case page == string(text):
		return nil
	case rewrite:
		return os.WriteFile(path, []byte(page), 0o644)
	}
	return fmt.Errorf("the part about %s is not what ran:\n%s\nIf that is as it should be: make compat-doc", group, difference(string(text), page))
}

// read reads the records of clients, in their order. Records of anybody else are an error, as is a missing one.
func read(dir string, clients []string) ([]harness.Record, error) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	found := map[string]harness.Record{}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return nil, err
		}
		var r harness.Record
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		if !slices.Contains(clients, r.Client) {
			return nil, fmt.Errorf("%s: the list in test/compat/matrix has no client %q", file.Name(), r.Client)
		}
		found[r.Client] = r
	}
	var records []harness.Record
	for _, client := range clients {
		r, ok := found[client]
		if !ok {
			return nil, fmt.Errorf("%s has left no record: did its suite run?", client)
		}
		records = append(records, r)
	}
	return records, nil
}

// replace puts part between the marks of group.
func replace(page, group, part string) (string, error) {
	begin, end := "<!-- "+group+": begin -->\n", "<!-- "+group+": end -->"
	before, rest, ok1 := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("has no part between %q and %q", strings.TrimSpace(begin), end)
	}
	return before + begin + part + end + after, nil
}

// difference lists the lines that only one of two pages has.
func difference(page, ran string) string {
	var lines []string
	a, b := strings.Split(page, "\n"), strings.Split(ran, "\n")
	for _, line := range a {
		if !slices.Contains(b, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return strings.Join(lines, "\n")
}
