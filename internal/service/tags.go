package service

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

// checkTags checks tags and returns them together with those that the queue has, sorted by key; of two with one key the
// later counts. Keys are case-sensitive, values may be empty. AWS narrows the characters further in its guide and not in
// any recording; here every character counts that SQS can carry.
func checkTags(queue string, has, tags []api.Tag) ([]api.Tag, error) {
	kept := slices.Clone(has)
	for _, t := range tags {
		switch {
		case !validTagKey(t.Key):
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

func validTagKey(key string) bool { return key != "" && utf8.RuneCountInString(key) <= api.MaxTagKey }
