package sqs_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/sqs"
)

// TestErrorsOfTheCatalogue: whichever way an error of the catalogue travels, it arrives as one code, and that code is
// exported.
func TestErrorsOfTheCatalogue(t *testing.T) {
	source, err := os.ReadFile("error_codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range api.Catalogue {
		code := sqs.ErrorCode(kind.Name())
		if !strings.Contains(string(source), `ErrorCode("`+string(code)+`")`) {
			t.Errorf("error_codes.go has no Err… for %s: add one", code)
		}
		for _, protocol := range []sqs.Protocol{sqs.ProtocolJSON, sqs.ProtocolQuery} {
			e := kind.New()
			q := fakeQueue(t, &fake{answer: refused(e)}, sqs.WithProtocol(protocol), onceOnly)
			err := q.Purge(t.Context())
			if !errors.Is(err, code) {
				t.Errorf("%s over %s: got %v", code, protocol, err)
			}
			got, _ := errors.AsType[*sqs.Error](err)
			want := sqs.Error{
				Code: code, QueryCode: kind.QueryCode, Message: e.Message(api.Protocol(protocol)), Fault: sqs.Fault(kind.Fault()),
				Status: kind.Status, RequestID: "request-1",
			}
			if got == nil || *got != want {
				t.Errorf("%s over %s: got %+v, want %+v", code, protocol, got, want)
			}
		}
	}
}

func TestErrorsAreToldApart(t *testing.T) {
	err := error(&sqs.Error{Code: sqs.ErrQueueDoesNotExist})
	if errors.Is(err, sqs.ErrOverLimit) || errors.Is(err, sqs.ErrNoMessage) || errors.Is(err, &sqs.Error{}) {
		t.Error("an error is what it is not")
	}
	if !errors.Is(err, sqs.ErrorCode("QueueDoesNotExist")) {
		t.Error("an error is not its code")
	}
}

func TestErrorsFromElsewhere(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		header http.Header
		want   sqs.Error
		text   string
	}{
		{"proxy", 413, "<html>\n  <h1>413 Too Large</h1>\n</html>", nil,
			sqs.Error{Message: "<html> <h1>413 Too Large</h1> </html>", Fault: sqs.FaultSender, Status: 413},
			"sqs: PurgeQueue: 413 Request Entity Too Large: <html> <h1>413 Too Large</h1> </html>"},
		{"long_page", 404, strings.Repeat("é", 150), nil,
			sqs.Error{Message: strings.Repeat("é", 100) + "…", Fault: sqs.FaultSender, Status: 404}, ""},
		{"nothing", 418, "", http.Header{"X-Amzn-Requestid": {"r"}},
			sqs.Error{Fault: sqs.FaultSender, Status: 418, RequestID: "r"}, "sqs: PurgeQueue: 418 I'm a teapot:  (request id r)"},
		{"code_that_is_not_ours", 400, `{"__type":"com.example#Odd","message":"so odd"}`, nil,
			sqs.Error{Code: "Odd", Message: "so odd", Fault: sqs.FaultSender, Status: 400}, "sqs: PurgeQueue: Odd: so odd"},
		{"query_code_only", 400, "{}", http.Header{"X-Amzn-Query-Error": {"AWS.SimpleQueueService.NonExistentQueue;Sender"}},
			sqs.Error{Code: sqs.ErrQueueDoesNotExist, QueryCode: "AWS.SimpleQueueService.NonExistentQueue", Fault: sqs.FaultSender, Status: 400}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answer: func(*request) (*http.Response, error) { return respond(test.status, test.body, test.header) }}
			err := fakeQueue(t, f, onceOnly).Purge(t.Context())
			got, _ := errors.AsType[*sqs.Error](err)
			if got == nil || *got != test.want {
				t.Fatalf("got %+v, want %+v", got, test.want)
			}
			if test.text != "" && err.Error() != test.text {
				t.Errorf("got %q, want %q", err, test.text)
			}
		})
	}
}

// The same refusal by a real server, over both protocols.
func TestErrorsEndToEnd(t *testing.T) {
	eachProtocol(t, func(t *testing.T, conn *sqs.Connection) {
		_, err := conn.Queue(t.Context(), "nothing")
		got, _ := errors.AsType[*sqs.Error](err)
		if got == nil || got.Code != sqs.ErrQueueDoesNotExist || got.Status != 400 || got.Fault != sqs.FaultSender ||
			got.QueryCode != "AWS.SimpleQueueService.NonExistentQueue" || got.RequestID == "" {
			t.Errorf("got %+v", got)
		}
	})
}
