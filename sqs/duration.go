package sqs

import (
	"strconv"
	"time"
)

// seconds rounds away from zero: to round a visibility of 500 ms down would make the message visible at once, and to
// round -500 ms up would turn a fault that the server reports into a zero.
func seconds(d time.Duration) int {
	whole := int(d / time.Second)
	switch rest := d % time.Second; {
	case rest > 0:
		return whole + 1
	case rest < 0:
		return whole - 1
	}
	return whole
}

// optionalSeconds keeps unset and zero apart.
func optionalSeconds(d *time.Duration) *int {
	if d == nil {
		return nil
	}
	return new(seconds(*d))
}

// secondsText is the form in which durations stand in attributes.
func secondsText(d time.Duration) string { return strconv.Itoa(seconds(d)) }
