package engine

import (
	"fmt"
	"testing"

	"github.com/bufeomq/bufeo/internal/store"
)

func filterHash(n int) *store.DedupHash {
	h := store.HashDedup("", fmt.Sprint(n))
	return &h
}

// No id that was added is ever said to be missing, few that were not are said to be there, and the size has a bound.
func TestFilters(t *testing.T) {
	const n, perSecond = 2_000_000 / slower, 10_000 / slower
	var fs filters
	fs.missing = 5
	added := func(i int) int64 { return 1000 + int64(i/perSecond)*1000 }
	for i := range n {
		fs.add(filterHash(i), added(i))
	}
	if fs.size > filtersMax {
		t.Errorf("%d bytes, want at most %d", fs.size, filtersMax)
	}
	if slower == 1 && fs.missing <= 5 {
		t.Error("nothing was dropped: this tests too little")
	}
	for i := 0; i < n; i += 7 {
		if fs.until(filterHash(i)) < added(i) {
			t.Fatalf("id %d of time %d is said to be from no later than %d", i, added(i), fs.until(filterHash(i)))
		}
	}
	wrong := 0
	for i := range 10_000 {
		if fs.until(filterHash(-1-i)) > fs.missing {
			wrong++
		}
	}
	if wrong > 1000 { // one in a hundred for each of several filters
		t.Errorf("of 10,000 ids that were not added %d are said to be there", wrong)
	}
	last := fs.until(filterHash(n - 1))
	fs.expire(last + dedupWindow - 1)
	if len(fs.list) == 0 || fs.until(filterHash(n-1)) < last {
		t.Error("the last id expired too early")
	}
	fs.expire(last + dedupWindow)
	if len(fs.list) != 0 || fs.size != 0 {
		t.Errorf("%d filters of %d bytes are left", len(fs.list), fs.size)
	}
}
