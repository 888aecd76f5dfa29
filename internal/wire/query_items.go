package wire

import (
	"cmp"
	"slices"
	"strings"
)

// item is one element of a numbered list: its parameters and the length of their common prefix.
type item struct {
	number string // digits without leading zeros: a number of any size, never used as an index
	params []param
	cut    int
}

// itemsOf appends to dst the elements that params hold after their first cut bytes, in the order of their numbers.
// Names look like 3 or member.3 there; if the elements are nested, like 3.Name or member.3.Name. Anything else is
// passed over.
//
// Sorting by bytes has put all parameters of one number together, but 10 before 2, so only the runs are sorted here.
func itemsOf(dst []item, params []param, cut int, nested bool) []item {
	for len(params) > 0 {
		digits, end := numberAt(params[0].name, cut)
		if digits == "" {
			params = params[1:]
			continue
		}
		head := params[0].name[:end]
		exact := countWhile(params, func(p param) bool { return p.name == head })
		inside := countWhile(params[exact:], func(p param) bool { return isInside(p.name, head) })
		run := params[:exact]
		if nested {
			run = params[exact : exact+inside]
		}
		if len(run) > 0 {
			dst = append(dst, item{strings.TrimLeft(digits, "0"), run, end + 1})
		}
		params = params[exact+inside:]
	}
	slices.SortStableFunc(dst, func(a, b item) int {
		return cmp.Or(cmp.Compare(len(a.number), len(b.number)), strings.Compare(a.number, b.number))
	})
	return dst
}

// numberAt returns the number at name[cut:] and where it ends; "" if there is none that a dot or nothing follows.
func numberAt(name string, cut int) (digits string, end int) {
	if strings.HasPrefix(name[cut:], "member.") {
		cut += len("member.")
	}
	end = cut
	for end < len(name) && '0' <= name[end] && name[end] <= '9' {
		end++
	}
	if end < len(name) && name[end] != '.' {
		return "", cut
	}
	return name[cut:end], end
}
