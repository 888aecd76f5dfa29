package sqs

import (
	"context"
	"log/slog"
	"time"
)

// LevelWire is the level at which Options.Log gets the bodies of requests and answers, below slog.LevelDebug: boto's
// debug=2. Bodies hold messages, but no keys.
const LevelWire = slog.LevelDebug - 4

// logAttempt records one attempt. a is nil if there was no whole answer or if it was an error, which err then has.
func (c *Connection) logAttempt(ctx context.Context, r *request, a *answer, err error, took time.Duration) {
	log := c.options.Log
	if log == nil || !log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	record := []slog.Attr{slog.String("action", r.action), slog.String("url", r.url.String()), slog.Duration("duration", took)}
	if a != nil {
		record = append(record, slog.Int("status", a.status), slog.String("request_id", a.requestID))
	}
	if err != nil {
		record = append(record, slog.Any("error", err))
	}
	log.LogAttrs(ctx, slog.LevelDebug, "sqs request", record...)
	if log.Enabled(ctx, LevelWire) {
		var body []byte
		if a != nil {
			body = a.body
		}
		log.LogAttrs(ctx, LevelWire, "sqs bodies", slog.String("action", r.action),
			slog.String("request", string(r.body)), slog.String("answer", string(body)))
	}
}
