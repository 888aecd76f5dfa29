package config

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the candidate that was probably meant by a mistyped name, or "". A name that a candidate starts with
// counts as near: --log for --log-level.
func Nearest(name string, candidates []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, c := range candidates {
		d := levenshtein.ComputeDistance(strings.ToLower(name), c)
		if len(name) > 1 && strings.HasPrefix(c, name) {
			d = min(d, 1)
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

// MisspeltVariables returns the variables in environ (as from os.Environ) that no option has but that come close to
// one, with the one. Others may start with BUFEO_ without being ours.
func MisspeltVariables(environ []string) map[string]string {
	known := map[string]bool{}
	var names []string
	for i := range Options {
		known[Options[i].Env()] = true
		names = append(names, Options[i].Env())
	}
	found := map[string]string{}
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "BUFEO_") || known[name] {
			continue
		}
		for _, n := range names {
			if levenshtein.ComputeDistance(name, n) <= 2 {
				found[name] = n
			}
		}
	}
	return found
}
