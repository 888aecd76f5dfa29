package config

import (
	"math"
	"strconv"
	"strings"
)

// sizeUnits are powers of 1024. KB and MB, of which nobody knows whether they are, are refused.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}

// parseSize reads a number of bytes: 1048576, 1024KiB or 1MiB.
func parseSize(v string) (bytes int64, ok bool) {
	unit := int64(1)
	for _, u := range sizeUnits {
		if number, found := strings.CutSuffix(v, u.name); found {
			v, unit = strings.TrimSpace(number), u.bytes
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}
