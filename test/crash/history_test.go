package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bufeomq/bufeo/sqs"
)

// Each case is a history in which one promise is broken, and says what is found.
func TestBroken(t *testing.T) {
	const second = time.Second
	delivery := func(body, id string, count int) *sqs.Message {
		return &sqs.Message{Body: body, ID: id, Attributes: sqs.Attributes{sqs.SystemAttributeReceiveCount: strconv.Itoa(count)}}
	}
	pass := func(h *history, d time.Duration) { h.began = h.began.Add(-d) }
	sent := func(h *history, queue, group string, bodies ...string) {
		for _, b := range bodies {
			h.sending(b, queue, group)
			h.acknowledged(b, "id-"+b)
		}
	}
	one := func(h *history, queue, body string, count int) *message {
		return h.received(queue, []*sqs.Message{delivery(body, "id-"+body, count)}, h.now(), 2*second)[0]
	}
	for _, c := range []struct {
		name, want string
		happens    func(h *history)
	}{
		{"nothing", "", func(h *history) {
			sent(h, queuePlain, "", "a", "b")
			m := one(h, queuePlain, "a", 1)
			h.deleting(m)
			h.deleted(m)
			h.unaccounted(map[string]int{"b": 1})
		}},
		{"lost", "it is lost", func(h *history) {
			sent(h, queuePlain, "", "a")
			h.unaccounted(map[string]int{})
		}},
		{"not known to be stored", "", func(h *history) {
			h.sending("a", queuePlain, "")
			h.unaccounted(map[string]int{})
		}},
		{"deleted", "after its delete was acknowledged", func(h *history) {
			sent(h, queuePlain, "", "a")
			m := one(h, queuePlain, "a", 1)
			h.deleting(m)
			h.deleted(m)
			one(h, queuePlain, "a", 2)
		}},
		{"purged", "after a purge was acknowledged", func(h *history) {
			sent(h, queuePurged, "", "a")
			h.purging()()
			one(h, queuePurged, "a", 1)
		}},
		{"never sent", "never sent", func(h *history) {
			h.received(queuePlain, []*sqs.Message{delivery("x", "id", 1)}, h.now(), second)
		}},
		{"twice", "it is there twice", func(h *history) {
			sent(h, queuePlain, "", "a")
			h.received(queuePlain, []*sqs.Message{delivery("a", "other", 1)}, h.now(), second)
		}},
		{"sent again by a move task", "", func(h *history) {
			sent(h, queueSource, "", "a")
			h.move()
			h.received(queueSource, []*sqs.Message{delivery("a", "other", 1)}, h.now(), second)
		}},
		{"twice in the source queue", "it is there twice", func(h *history) {
			sent(h, queueSource, "", "a")
			h.received(queueSource, []*sqs.Message{delivery("a", "other", 1)}, h.now(), second)
		}},
		{"doubled in spite of its deduplication id", "another id", func(h *history) {
			sent(h, queueFIFO, "g", "a")
			h.acknowledged("a", "other")
		}},
		{"too early", "while a was out", func(h *history) {
			sent(h, queuePlain, "", "a")
			one(h, queuePlain, "a", 1)
			one(h, queuePlain, "a", 2)
		}},
		{"given back", "", func(h *history) {
			sent(h, queuePlain, "", "a")
			h.changing(one(h, queuePlain, "a", 1), 0)
			one(h, queuePlain, "a", 2)
		}},
		{"changed, and given to another in spite of it", "while a was out", func(h *history) {
			sent(h, queuePlain, "", "a")
			h.changing(one(h, queuePlain, "a", 1), 10*second)(true)
			pass(h, 5*second)
			one(h, queuePlain, "a", 2)
		}},
		{"changed, nobody knows whether", "", func(h *history) {
			sent(h, queuePlain, "", "a")
			h.changing(one(h, queuePlain, "a", 1), 10*second)(false)
			pass(h, 5*second)
			one(h, queuePlain, "a", 2)
		}},
		{"changed too late", "", func(h *history) {
			sent(h, queuePlain, "", "a")
			m := one(h, queuePlain, "a", 1)
			pass(h, 5*second)
			h.changing(m, 10*second)(true)
			one(h, queuePlain, "a", 2)
		}},
		{"changed by two at once", "", func(h *history) {
			sent(h, queuePlain, "", "a")
			m := one(h, queuePlain, "a", 1)
			first, second := h.changing(m, 10*second), h.changing(m, 0)
			first(true)
			second(true)
			one(h, queuePlain, "a", 2)
		}},
		{"forgotten receive", "receive count 1 after 1", func(h *history) {
			sent(h, queuePlain, "", "a")
			h.changing(one(h, queuePlain, "a", 1), 0)
			one(h, queuePlain, "a", 1)
		}},
		{"out of order", "before a, which was sent earlier", func(h *history) {
			sent(h, queueFIFO, "g", "a", "b")
			one(h, queueFIFO, "b", 1)
		}},
		{"locked group", "while a was out", func(h *history) {
			sent(h, queueFIFO, "g", "a", "b")
			one(h, queueFIFO, "a", 1)
			h.received(queueFIFO, []*sqs.Message{delivery("a", "id-a", 2), delivery("b", "id-b", 1)}, h.now(), second)
		}},
		{"too often", "not in the dead-letter queue", func(h *history) {
			sent(h, queueSource, "", "a")
			one(h, queueSource, "a", maxReceives+1)
		}},
		{"too early a dead letter", "in the dead-letter queue after 1 receives", func(h *history) {
			sent(h, queueSource, "", "a")
			one(h, queueDead, "a", 2)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHistory()
			c.happens(h)
			got := strings.Join(h.found(), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
