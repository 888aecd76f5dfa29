package service

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

// checkTags checks the tags of a new queue and returns them sorted by key; of two with one key the later counts.
// Keys are case-sensitive, values may be empty. AWS narrows the characters further in its guide and not in any
// recording; here every character counts that SQS can carry.
func checkTags(queue string, tags []api.Tag) ([]api.Tag, error) {
	kept := make([]api.Tag, 0, len(tags))
	for _, t := range tags {
		switch {
		case t.Key == "", utf8.RuneCountInString(t.Key) > api.MaxTagKey:
			return nil, api.InvalidTagKey.New()
		case utf8.RuneCountInString(t.Value) > api.MaxTagValue:
			return nil, api.InvalidTagValue.New()
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return nil, api.ReservedTagKey.New()
		case !validText(t.Key), !validText(t.Value):
			return nil, api.InvalidTagText.New()
		}
		kept = slices.DeleteFunc(kept, func(k api.Tag) bool { return k.Key == t.Key })
		kept = append(kept, t)
		if len(kept) > api.MaxTags {
			return nil, api.TooManyTags.New(queue)
		}
	}
	slices.SortFunc(kept, func(a, b api.Tag) int { return strings.Compare(a.Key, b.Key) })
	return kept, nil
}
