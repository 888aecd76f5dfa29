package bare

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

func TestHandler_answers_what_the_generator_expects(t *testing.T) {
	for _, name := range []string{"json", "query"} {
		p, err := load.ProtocolNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(New(200))
		defer srv.Close()
		target := &load.Target{Addr: strings.TrimPrefix(srv.URL, "http://"), Protocol: p}
		for _, op := range []struct {
			kind  load.Kind
			batch int
		}{{load.Send, 1}, {load.Send, 10}, {load.Cycle, 1}, {load.Cycle, 10}} {
			t.Run(fmt.Sprint(name, "/", op.kind, op.batch), func(t *testing.T) {
				j := &load.Job{
					Kind: op.kind, Target: target, QueueURL: srv.URL + "/000000000000/q", Ledger: load.NewLedger(),
					Batch: op.batch, BodySize: 200,
				}
				res, err := j.Run(t.Context(), 2, 20*time.Millisecond)
				if err != nil || res.Errors > 0 {
					t.Fatal(err, res.FirstError)
				}
				if want := res.Steps * op.batch; res.Messages != want {
					t.Errorf("got %d messages, want %d", res.Messages, want)
				}
			})
		}
	}
}
