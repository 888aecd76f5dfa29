package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// later are the recorded errors of authentication, which is not built yet, by their codes.
var later = []string{"InvalidClientTokenId", "SignatureDoesNotMatch", "IncompleteSignature"}

// verb is a variable part of a text of ours. It can stand for a variable part of a recorded text, such as {n}, and for
// a word where two recorded texts differ in one.
var verb = regexp.MustCompile(`%[a-z]`)

// says reports whether a text of ours says what was recorded. One that is nothing but variable says nothing.
func says(format, recorded string) bool {
	parts := verb.Split(format, -1)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return format != "%s" && regexp.MustCompile("^"+strings.Join(parts, ".+")+"$").MatchString(recorded)
}

// recordedError is a row of testdata/sqs-errors.json.
type recordedError struct {
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

// texts are those that were recorded: one for both protocols, or one for each. What follows "newer" is of policies, which
// are not enforced yet.
func (r *recordedError) texts() []string {
	text, _, _ := strings.Cut(r.Text, " | newer: ")
	if json, query, both := strings.Cut(strings.TrimPrefix(text, "JSON: "), " | Query: "); both {
		return []string{json, query}
	}
	return []string{text}
}

// recordedErrors are the rows that were recorded from AWS in full.
func recordedErrors(t *testing.T) (recorded []recordedError) {
	t.Helper()
	raw, err := os.ReadFile("testdata/sqs-errors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(recorded, func(r recordedError) bool { return r.Confidence != "recorded" })
}

// recordedTexts returns a function that tells whether AWS was recorded with a text of the catalogue.
func recordedTexts(t *testing.T) func(*Kind, string) bool {
	t.Helper()
	rows := recordedErrors(t)
	return func(k *Kind, format string) bool {
		return slices.ContainsFunc(rows, func(r recordedError) bool {
			return r.Type == k.Shape && slices.ContainsFunc(r.texts(), func(text string) bool { return text != "" && says(format, text) })
		})
	}
}

// TestCatalogue holds the catalogue against what was recorded from AWS (testdata/sqs-errors.json): type, code, status and,
// where it was recorded, the text.
func TestCatalogue(t *testing.T) {
	ours := func(shape, code string, status int, fault, text string) bool {
		return slices.ContainsFunc(Catalogue, func(k *Kind) bool {
			return k.Shape == shape && k.QueryCode == code && k.Status == status && k.Fault() == fault &&
				(text == "" || says(k.Format, text) || k.QueryFormat == text)
		})
	}
	checked := 0
	for _, r := range recordedErrors(t) {
		// NoAction is no error document: package gateway has it.
		if r.Name == "NoAction" || slices.Contains(later, r.Code) {
			continue
		}
		checked++
		if r.JSON != r.Query {
			t.Errorf("%s: the statuses differ by protocol, and a Kind has one", r.Name)
		}
		for _, text := range r.texts() {
			if !ours(r.Type, r.Code, r.JSON, r.Fault, text) {
				t.Errorf("no row for %s %s %d %q (%s)", r.Type, r.Code, r.JSON, text, r.When)
			}
		}
	}
	if checked < 49 {
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
		if a.Kind == ChoiceAttribute && !slices.Contains(a.Choices, a.Default) {
			t.Errorf("%s: default %s is not one of %v", a.Name, a.Default, a.Choices)
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
