package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBook(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(b *book)
		want string // what breaks begins with
	}{
		"once": {func(b *book) {
			n := b.sending(0, 1)
			b.received(n, time.Now(), time.Minute)
			b.gone(n)
			b.lost()
		}, ""},
		"again_after_the_timeout": {func(b *book) {
			b.received(b.sending(0, 1), time.Now(), time.Minute)
			time.Sleep(time.Minute)
			b.received(0, time.Now(), time.Minute)
		}, ""},
		"twice": {func(b *book) {
			b.received(b.sending(0, 1), time.Now(), time.Minute)
			time.Sleep(59 * time.Second)
			b.received(0, time.Now(), time.Minute)
		}, "q 0: received twice"},
		"given_back": {func(b *book) {
			b.received(b.sending(0, 1), time.Now(), time.Minute)
			b.hiding(0, 0)
			b.received(0, time.Now(), time.Minute)
		}, ""},
		"kept_for_longer": {func(b *book) {
			b.received(b.sending(0, 1), time.Now(), time.Minute)
			b.hiding(0, 2*time.Minute)
			time.Sleep(time.Minute)
			b.received(0, time.Now(), time.Minute)
		}, "q 0: received twice"},
		"early": {func(b *book) { b.received(b.sending(time.Minute, 1), time.Now(), 0) }, "q 0: received 59."},
		"back": {func(b *book) {
			n := b.sending(0, 1)
			b.gone(n)
			b.received(n, time.Now(), 0)
		}, "q 0: received after it was deleted"},
		"never_sent": {func(b *book) { b.received(7, time.Now(), 0) }, "q 7: received, and never sent"},
		"lost":       {func(b *book) { b.sending(0, 1); b.lost() }, "q 0: its send was acknowledged, and it is lost"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLedger()
				c.do(l.book("q"))
				got := strings.Join(l.broken, "; ")
				if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}
