package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/wire"
)

// recordedError is a row of ../api/testdata/sqs-errors.json: an error as AWS answers it. Rows are told apart by When.
type recordedError struct {
	When       string `json:"when"`
	Type       string `json:"json_type"`
	Code       string `json:"query_code"`
	StatusJSON int    `json:"http_status_json"`
	StatusXML  int    `json:"http_status_query"`
	Fault      string `json:"type"`
	Text       string `json:"message_template"`
	Confidence string `json:"confidence"`
}

// provocation is one way to make the server answer with a row.
type provocation struct {
	when string
	try  func(p *play) refusal
	only []api.Protocol // nil: both
}

func (p *provocation) protocols() []api.Protocol {
	if p.only != nil {
		return p.only
	}
	return []api.Protocol{api.JSON, api.Query}
}

func provocations() []provocation {
	return slices.Concat(queueProvocations, attributeProvocations, redriveProvocations, messageProvocations, fifoProvocations,
		handleProvocations, batchProvocations, permissionProvocations, moveProvocations, requestProvocations)
}

// otherwise are the recorded rows that the server does not answer with, and the words of docs/differences.md that say so.
var otherwise = map[string]string{
	"no credentials, or policy denies": "any credentials and none are accepted",
	"unknown access key":               "any credentials and none are accepted",
	"bad signature":                    "any credentials and none are accepted",
	"X-Amz-Date older than now-15min":  "any credentials and none are accepted",
	"Authorization header malformed":   "any credentials and none are accepted",
	"older/alternate wording (ChangeMessageVisibility, FIFO/extended client)": "an older wording",
}

// ofOneProtocol are the rows that only one of the protocols can have.
var ofOneProtocol = []string{
	"JSON body not an object / not JSON",
	"GET/POST without Action and without JSON target: body is the bare element <UnknownOperationException/>",
}

// TestCatalogueOverHTTP provokes each row that was recorded from AWS, in whole or in part, over a real socket and in both
// protocols, and compares status, code, type, text and the header with the query code.
func TestCatalogueOverHTTP(t *testing.T) {
	rows := map[string]*recordedError{}
	for _, r := range readCatalogue(t) {
		rows[r.When] = r
	}
	for _, p := range provocations() {
		row := rows[p.when]
		if row == nil {
			t.Fatalf("no row is called %q", p.when)
		}
		for _, protocol := range p.protocols() {
			t.Run(p.when+"/"+protocol.String(), func(t *testing.T) {
				pl := newPlay(t, protocol)
				got := p.try(pl)
				if want := got.expect(row, protocol); got.answered != want {
					t.Errorf("got  %+v\nwant %+v", got.answered, want)
				}
			})
		}
	}
}

func TestEachRecordedErrorIsProvoked(t *testing.T) {
	differences, err := os.ReadFile("../../docs/differences.md")
	if err != nil {
		t.Fatal(err)
	}
	provoked := map[string]map[api.Protocol]bool{}
	for _, p := range provocations() {
		for _, protocol := range p.protocols() {
			if provoked[p.when] == nil {
				provoked[p.when] = map[api.Protocol]bool{}
			}
			provoked[p.when][protocol] = true
		}
	}
	for _, r := range readCatalogue(t) {
		reason, other := otherwise[r.When]
		in := len(provoked[r.When])
		switch {
		case other && !strings.Contains(string(differences), reason):
			t.Errorf("%s: docs/differences.md does not say %q", r.When, reason)
		case other && in > 0:
			t.Errorf("%s: provoked, and listed as if it were not", r.When)
		case in == 1 && !slices.Contains(ofOneProtocol, r.When):
			t.Errorf("%s: provoked in one protocol only", r.When)
		case in == 0 && !other && r.Confidence != "unverified":
			t.Errorf("%s: no provocation makes the server answer with %s", r.When, r.Code)
		}
	}
}

func readCatalogue(t *testing.T) (rows []*recordedError) {
	t.Helper()
	raw, err := os.ReadFile("../api/testdata/sqs-errors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// answered is an error as it arrived.
type answered struct {
	status     int
	shape      string // JSON only
	code       string // JSON: of the header x-amzn-query-error
	fault      string
	text       string
	entryFault bool // of an entry: the request succeeded
}

// refusal is an error as it arrived, and what stands for the variable parts of its text.
type refusal struct {
	answered
	args []string
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// expect is what a row says about this refusal.
func (r *refusal) expect(row *recordedError, protocol api.Protocol) answered {
	want := answered{status: row.StatusJSON, shape: row.Type, code: row.Code, fault: row.Fault, text: row.Text}
	if protocol == api.Query {
		want.status, want.shape = row.StatusXML, ""
	}
	if first, second, both := strings.Cut(strings.TrimPrefix(row.Text, "JSON: "), " | Query: "); both {
		want.text = [...]string{api.JSON: first, api.Query: second}[protocol]
	}
	args := r.args
	want.text = variable.ReplaceAllStringFunc(want.text, func(v string) string {
		if len(args) == 0 {
			return v
		}
		arg := args[0]
		args = args[1:]
		return arg
	})
	if row.Text == "" { // not recorded
		want.text = r.text
	}
	if r.entryFault { // has a code and a text, and no more
		want.status, want.shape, want.entryFault = http.StatusOK, "", true
	}
	return want
}

// play is a server of its own with a queue called q, and a client in one protocol.
type play struct {
	*testing.T
	protocol api.Protocol
	fixture  *fixture
	address  string
	clock    atomic.Int64 // the engine's, which stands still otherwise
}

func newPlay(t *testing.T, protocol api.Protocol) *play {
	t.Helper()
	p := &play{T: t, protocol: protocol}
	p.clock.Store(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano())
	p.fixture = newFixtureAt(t, nil, func() time.Time { return time.Unix(0, p.clock.Load()) })
	p.address = "http://" + p.fixture.serve(nil) + "/"
	p.create("q")
	return p
}

func (p *play) advance(d time.Duration) { p.clock.Add(int64(d)) }

// post sends a body and returns the answer.
func (p *play) post(action string, body []byte) (*http.Response, []byte) {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), http.MethodPost, p.address, strings.NewReader(string(body)))
	if err != nil {
		p.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.protocol == api.JSON {
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		r.Header.Set("X-Amz-Target", api.TargetPrefix+action)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer w.Body.Close()
	return w, []byte(readAll(p.T, w.Body))
}

func (p *play) encode(action string, in any) []byte {
	if p.protocol == api.JSON {
		return wire.AppendJSON(nil, in)
	}
	return wire.AppendQuery(nil, action, in)
}

// do calls an action that must succeed.
func do[In, Out any](p *play, a api.Action[In, Out], in In) *Out {
	p.Helper()
	w, body := p.post(a.Name, p.encode(a.Name, &in))
	if w.StatusCode != http.StatusOK {
		p.Fatalf("%s: got %s %s", a.Name, w.Status, body)
	}
	out := new(Out)
	var err error
	if p.protocol == api.JSON && len(body) > 0 {
		err = wire.DecodeJSON(body, out)
	}
	if p.protocol == api.Query {
		_, err = wire.DecodeXML(body, out)
	}
	if err != nil {
		p.Fatal(err)
	}
	return out
}

// refuse calls an action that must fail. args stand for the variable parts of the text.
func refuse[In, Out any](p *play, a api.Action[In, Out], in In, args ...any) refusal {
	p.Helper()
	return p.refused(a.Name, p.encode(a.Name, &in), args...)
}

func (p *play) refused(action string, body []byte, args ...any) refusal {
	p.Helper()
	w, answer := p.post(action, body)
	if w.StatusCode == http.StatusOK {
		p.Fatalf("%s: got %s, want an error", action, answer)
	}
	r := refusal{answered: answered{status: w.StatusCode}}
	for _, arg := range args {
		r.args = append(r.args, fmt.Sprint(arg))
	}
	if p.protocol == api.Query {
		f, err := wire.DecodeXMLError(answer)
		if err != nil {
			p.Fatalf("%s: %v in %s", action, err, answer)
		}
		r.code, r.text, r.fault = f.QueryCode, f.Message, f.Type
		return r
	}
	var document struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(answer, &document); err != nil {
		p.Fatalf("%s: %v in %s", action, err, answer)
	}
	r.shape, r.text = document.Type, document.Message
	r.code, r.fault, _ = strings.Cut(w.Header.Get("x-amzn-query-error"), ";")
	return r
}

// entryRefused is the failure of a batch's only entry.
func entryRefused(p *play, failed []api.BatchResultError, args ...any) refusal {
	p.Helper()
	if len(failed) != 1 {
		p.Fatalf("got %v, want one failed entry", failed)
	}
	r := refusal{answered: answered{status: http.StatusOK, code: failed[0].Code, text: failed[0].Message, entryFault: true}}
	r.fault = map[bool]string{true: "Sender", false: "Receiver"}[failed[0].SenderFault]
	for _, arg := range args {
		r.args = append(r.args, fmt.Sprint(arg))
	}
	return r
}

func (p *play) create(name string, as ...string) {
	p.Helper()
	do(p, api.CreateQueue, api.CreateQueueInput{QueueName: name, Attributes: pairs(as)})
}

// pairs makes attributes of names and values.
func pairs(as []string) (attributes api.Attributes) {
	for i := 0; i < len(as); i += 2 {
		attributes = append(attributes, api.Attribute{Name: as[i], Value: as[i+1]})
	}
	return attributes
}

// received sends a message to a queue and receives it.
func (p *play) received(queue string) (handle string) {
	p.Helper()
	in := api.SendMessageInput{QueueURL: queue, MessageBody: "b"}
	if strings.HasSuffix(queue, ".fifo") {
		in.MessageGroupID, in.MessageDeduplicationID = new("g"), new("d")
	}
	do(p, api.SendMessage, in)
	out := do(p, api.ReceiveMessage, api.ReceiveMessageInput{QueueURL: queue, VisibilityTimeout: new(30)})
	if len(out.Messages) != 1 {
		p.Fatalf("got %d messages, want 1", len(out.Messages))
	}
	return out.Messages[0].ReceiptHandle
}
