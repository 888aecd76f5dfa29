package cli

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/bufeomq/bufeo/internal/load"
)

// benchResult is what bench prints. Latencies are in milliseconds, processor time in microseconds a message.
type benchResult struct {
	Operation, Endpoint, Protocol       string
	Connections, Batch, Size            int
	Rate, Seconds                       float64
	Messages, Requests                  int
	MessagesPerSecond                   float64
	RequestsPerSecond                   float64
	LatencyP50, LatencyP99, LatencyP999 float64
	LatencyMax                          float64
	AfterAnswerP50, AfterAnswerP99      float64 `json:",omitzero"`
	AfterAnswerP999                     float64 `json:",omitzero"`
	GeneratorCPU, ServerCPU             float64 `json:",omitzero"`
	Errors, Unsent                      int
	Acknowledged, Lost, Doubled         int
	Surplus, OutOfOrder                 int
	OK                                  bool
}

func benchView(t *load.Trial, endpoint, protocol string, o *load.Outcome) view {
	r := benchResult{
		Operation: t.Operation, Endpoint: endpoint, Protocol: protocol, Connections: t.Connections, Batch: t.Batch, Size: t.BodySize,
		Rate: t.Rate, Seconds: rounded(o.Elapsed.Seconds()), Messages: o.Messages, Requests: o.Requests,
		MessagesPerSecond: rounded(o.MessagesPerSecond()), RequestsPerSecond: rounded(float64(o.Requests) / o.Elapsed.Seconds()),
		LatencyP50: quantile(&o.Latency, .5), LatencyP99: quantile(&o.Latency, .99), LatencyP999: quantile(&o.Latency, .999),
		LatencyMax:     quantile(&o.Latency, 1),
		AfterAnswerP50: quantile(&o.After, .5), AfterAnswerP99: quantile(&o.After, .99), AfterAnswerP999: quantile(&o.After, .999),
		GeneratorCPU: perMessage(o.OwnCPU, o.Messages), ServerCPU: perMessage(o.CPU, o.Messages),
		Errors: o.Errors, Unsent: o.Unsent,
		Acknowledged: o.Audit.Acked, Lost: o.Audit.Lost, Doubled: o.Audit.Doubled, Surplus: o.Audit.Surplus, OutOfOrder: o.Audit.Disorder,
		OK: len(o.Failure) == 0,
	}
	return view{object: &r, title: "bench " + t.Operation, columns: []string{"Name", "Value"}, rows: r.rows()}
}

// rows has the fields with their names; those that JSON leaves out are left out.
func (r *benchResult) rows() (rows [][]string) {
	v := reflect.ValueOf(*r)
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if field.Tag != "" && value.IsZero() {
			continue
		}
		text := fmt.Sprint(value)
		if value.Kind() == reflect.Float64 {
			text = strconv.FormatFloat(value.Float(), 'f', -1, 64)
		}
		rows = append(rows, []string{field.Name, text})
	}
	return rows
}

func quantile(h *load.Histogram, q float64) float64 { return rounded(h.Quantile(q).Seconds() * 1000) }

func perMessage(d time.Duration, messages int) float64 {
	if messages == 0 {
		return 0
	}
	return rounded(float64(d.Nanoseconds()) / 1000 / float64(messages))
}

// rounded has three digits behind the point.
func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }
