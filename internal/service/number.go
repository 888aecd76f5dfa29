package service

import (
	"strconv"
	"strings"
)

// The range of the message attribute type Number (AWS developer guide): 38 digits of precision, -10^128 to 10^126.
const (
	maxNumberDigits   = 38
	maxNumberExponent = 126
	minNumberExponent = 128
)

// validNumber reports whether s is a decimal number, with fraction and exponent if it likes, in the range of Number.
// It works on the text: a number such as 1e999999999 has no business in a big.Int.
func validNumber(s string) bool {
	limit := maxNumberExponent
	switch s[0] {
	case '-':
		limit = minNumberExponent
		s = s[1:]
	case '+':
		s = s[1:]
	}
	mantissa, exponent, ok := cutExponent(s)
	if !ok {
		return false
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return false
	}
	whole = strings.TrimLeft(whole, "0")
	magnitude := exponent + len(whole) - 1
	if whole == "" {
		significant := strings.TrimLeft(fraction, "0")
		magnitude = exponent - (len(fraction) - len(significant)) - 1
		fraction = significant
	}
	significant := strings.TrimRight(whole+fraction, "0")
	if len(significant) > maxNumberDigits {
		return false
	}
	return significant == "" || magnitude < limit || magnitude == limit && significant == "1"
}

// cutExponent splits off the exponent. Ten thousand either way is beyond every limit and far from overflow.
func cutExponent(s string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, true
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(s[i+1:], "+"), "-")
	if digits == "" || !allDigits(digits) || len(s[i+1:])-len(digits) > 1 {
		return "", 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n > 10_000 {
		n = 10_000
	}
	if n < -10_000 || err != nil && s[i+1] == '-' {
		n = -10_000
	}
	return s[:i], n, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
