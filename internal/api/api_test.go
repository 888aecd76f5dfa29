package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// later lists what the recorded errors below belong to that is not built yet, by words of their text or condition.
var later = regexp.MustCompile(`FIFO|Redrive|redrive|move task|move-task|MoveTask|TaskHandle|AddPermission|RemovePermission|KMS|Kms|` +
	`FifoQueue|content-based|signature|Signature|access key|X-Amz-Date|session token|Authorization|SSE`)

// placeholder is a variable part of a recorded text, or a verb of one of ours.
var placeholder = regexp.MustCompile(`\{[^}]*\}|%(\[\d\])?[a-z]`)

func shape(text string) string { return placeholder.ReplaceAllString(text, "*") }

// TestCatalogue holds the catalogue against what was recorded from AWS (testdata/sqs-errors.json): type, code, status and text.
func TestCatalogue(t *testing.T) {
	var recorded []struct {
		Name       string `json:"name"`
		Type       string `json:"json_type"`
		Code       string `json:"query_code"`
		JSON       int    `json:"http_status_json"`
		Query      int    `json:"http_status_query"`
		Fault      string `json:"type"`
		Text       string `json:"message_template"`
		When       string `json:"when"`
		Confidence string `json:"confidence"`
	}
	raw, err := os.ReadFile("testdata/sqs-errors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{}
	for _, k := range Catalogue {
		for _, text := range []string{k.Format, k.QueryFormat} {
			ours[fmt.Sprintln(k.Shape, k.QueryCode, k.Status, k.Fault(), shape(text))] = true
		}
	}
	checked := 0
	for _, r := range recorded {
		if r.Confidence != "recorded" || r.Text == "" || later.MatchString(r.When+r.Text) || strings.Contains(r.Text, "AccessDenied") || r.Name == "AccessDenied" {
			continue
		}
		checked++
		if r.JSON != r.Query {
			t.Errorf("%s: the statuses differ by protocol, and a Kind has one", r.Name)
		}
		texts := []string{r.Text}
		if json, query, both := strings.Cut(strings.TrimPrefix(r.Text, "JSON: "), " | Query: "); both {
			texts = []string{json, query}
		}
		for _, text := range texts {
			if !ours[fmt.Sprintln(r.Type, r.Code, r.JSON, r.Fault, shape(text))] {
				t.Errorf("no row for %s %s %d %q (%s)", r.Type, r.Code, r.JSON, text, r.When)
			}
		}
	}
	if checked < 25 {
		t.Errorf("only %d rows were compared", checked)
	}
}

func TestError(t *testing.T) {
	cause := errors.New("disk")
	err := fmt.Errorf("send: %w", InternalError.Wrap(cause))
	if !errors.Is(err, cause) || !errors.Is(err, InternalError.New()) || errors.Is(err, QueueDoesNotExist.New()) {
		t.Error("errors.Is does not tell kinds and causes")
	}
	e := QueueDoesNotExist.New()
	if e.Message(JSON) == e.Message(Query) || e.Message(Query) != "The specified queue does not exist for this wsdl version." {
		t.Errorf("got %q and %q", e.Message(JSON), e.Message(Query))
	}
	if got := TooManyEntriesInBatchRequest.New(11).Message(Query); got != "Maximum number of entries per request are 10. You have sent 11." {
		t.Errorf("got %q", got)
	}
	if OverLimit.Fault() != "Sender" || ServiceUnavailable.Fault() != "Receiver" || OverLimit.Name() != "OverLimit" {
		t.Error("faults or names are wrong")
	}
}

func TestAttributesGet(t *testing.T) {
	as := Attributes{{"a", "1"}, {"b", "2"}, {"a", "3"}}
	if v, ok := as.Get("a"); !ok || v != "3" {
		t.Errorf("got %q, want the last", v)
	}
	if _, ok := as.Get("c"); ok {
		t.Error("found what is not there")
	}
}

func TestQueueAttributesAreSortedAndTheirDefaultsLegal(t *testing.T) {
	for i, a := range QueueAttributes {
		if i > 0 && QueueAttributes[i-1].Name >= a.Name {
			t.Errorf("%s is out of order", a.Name)
		}
		if a.Kind != IntegerAttribute || a.Default == "" {
			continue
		}
		var n int
		if _, err := fmt.Sscan(a.Default, &n); err != nil || n < a.Min || n > a.Max {
			t.Errorf("%s: default %s is not within %d..%d", a.Name, a.Default, a.Min, a.Max)
		}
	}
}
