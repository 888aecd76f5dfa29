package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
)

// redrivePolicy is a RedrivePolicy. Its members are in the order in which AWS writes them, the count as a number
// whatever it was sent as (recorded).
type redrivePolicy struct {
	DeadLetterTargetARN string `json:"deadLetterTargetArn"`
	MaxReceiveCount     int    `json:"maxReceiveCount"`
}

// checkRedrivePolicy checks the RedrivePolicy of the queue k and returns it in canonical form.
//
// Order: a JSON object; both members present, maxReceiveCount first (recorded); the count; the ARN; account and region
// of the target; that it exists, is a queue of the same type, and lets k use it. Members that AWS does not know are
// dropped.
func (s *Service) checkRedrivePolicy(k engine.Key, value string) (string, error) {
	members, ok := objectOf(value)
	if !ok || len(value) > api.MaxPolicyBytes {
		return "", api.RedrivePolicyNotJSON.New(clip(value))
	}
	for _, name := range []string{"maxReceiveCount", "deadLetterTargetArn"} {
		if members[name] == nil {
			return "", api.RedrivePolicyIncomplete.New(clip(value), name)
		}
	}
	count, err := strconv.Atoi(fmt.Sprint(members["maxReceiveCount"]))
	if err != nil || count < 1 || count > api.MaxReceiveCount {
		return "", api.InvalidMaxReceiveCount.New(clip(value), clip(fmt.Sprint(members["maxReceiveCount"])))
	}
	arn, _ := members["deadLetterTargetArn"].(string)
	target, ok := parseARN(arn)
	if !ok {
		return "", api.InvalidDeadLetterARN.New(clip(value))
	}
	if kind := s.checkDeadLetterTarget(k, target); kind != nil {
		return "", kind.New(clip(value))
	}
	return compact(redrivePolicy{arn, count}), nil
}

// checkDeadLetterTarget returns what is wrong with target as the dead-letter queue of k, or nil.
func (s *Service) checkDeadLetterTarget(k, target engine.Key) *api.Kind {
	switch {
	case target.Account != k.Account:
		return api.DeadLetterOfOtherAccount
	case target.Region != k.Region:
		return api.DeadLetterOfOtherRegion
	}
	q, err := s.engine.Queue(target)
	if err != nil {
		return api.DeadLetterDoesNotExist
	}
	info := q.Info()
	if isFIFO(info.Definition) != strings.HasSuffix(k.Name, fifoSuffix) {
		return api.DeadLetterOfOtherType
	}
	allow, _ := info.Attributes.Get(api.RedriveAllowPolicy)
	if !allowsSource(allow, k) {
		return api.RedriveDenied
	}
	return nil
}

// The values of redrivePermission.
const (
	allowAll = "allowAll"
	denyAll  = "denyAll"
	byQueue  = "byQueue"
)

// redriveAllowPolicy is a RedriveAllowPolicy.
type redriveAllowPolicy struct {
	RedrivePermission string   `json:"redrivePermission"`
	SourceQueueARNs   []string `json:"sourceQueueArns,omitempty"`
}

// checkRedriveAllowPolicy checks a RedriveAllowPolicy and returns it in canonical form. The sources need not exist.
// That a fault is InvalidParameterValue is recorded, its words are not.
func checkRedriveAllowPolicy(value string) (string, error) {
	refuse := func(reason string) (string, error) {
		return "", api.InvalidRedriveAllowPolicy.New(clip(value), reason)
	}
	p, ok := readRedriveAllowPolicy(value)
	if !ok || len(value) > api.MaxPolicyBytes {
		return refuse("It is in an unsupported format.")
	}
	switch n := len(p.SourceQueueARNs); {
	case p.RedrivePermission != allowAll && p.RedrivePermission != denyAll && p.RedrivePermission != byQueue:
		return refuse("The redrivePermission must be allowAll, denyAll or byQueue.")
	case p.RedrivePermission == byQueue && n == 0:
		return refuse("When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.")
	case p.RedrivePermission != byQueue && n > 0:
		return refuse("You can specify sourceQueueArns only with the byQueue permission type.")
	case n > api.MaxRedriveSources:
		return refuse("You can specify up to 10 sourceQueueArns values.")
	}
	for _, arn := range p.SourceQueueARNs {
		if _, ok := parseARN(arn); !ok {
			return refuse("Each of the sourceQueueArns values must be the ARN of a queue.")
		}
	}
	return compact(p), nil
}

// readRedriveAllowPolicy takes what a client sent apart. Names of members are case-sensitive, which encoding/json by itself
// does not see to.
func readRedriveAllowPolicy(value string) (p redriveAllowPolicy, ok bool) {
	members, ok := objectOf(value)
	if !ok {
		return p, false
	}
	p.RedrivePermission, ok = members["redrivePermission"].(string)
	if !ok || members["sourceQueueArns"] == nil {
		return p, ok
	}
	sources, ok := members["sourceQueueArns"].([]any)
	for _, source := range sources {
		arn, isText := source.(string)
		p.SourceQueueARNs, ok = append(p.SourceQueueARNs, arn), ok && isText
	}
	return p, ok
}

// allowsSource reports whether a dead-letter queue with this RedriveAllowPolicy lets k use it; "" allows all.
func allowsSource(policy string, k engine.Key) bool {
	p := redriveAllowPolicy{RedrivePermission: allowAll}
	if policy != "" && json.Unmarshal([]byte(policy), &p) != nil {
		panic("service: stored redrive allow policy is no JSON") // checkRedriveAllowPolicy let it in
	}
	return p.RedrivePermission == allowAll || p.RedrivePermission == byQueue && slices.Contains(p.SourceQueueARNs, k.ARN())
}

// sourcesOf returns the queues of target's account and region whose RedrivePolicy names it, sorted by name.
func (s *Service) sourcesOf(target engine.Key) (sources []engine.Key) {
	arn := target.ARN()
	for _, q := range s.engine.All() {
		info := q.Info()
		if info.Account == target.Account && info.Region == target.Region && deadLetterTarget(info.Definition) == arn {
			sources = append(sources, info.Key)
		}
	}
	slices.SortFunc(sources, func(a, b engine.Key) int { return strings.Compare(a.Name, b.Name) })
	return sources
}

// deadLetterTarget is the ARN of a queue's dead-letter queue; "" is none.
func deadLetterTarget(d engine.Definition) string {
	value, set := d.Attributes.Get(api.RedrivePolicy)
	var p redrivePolicy
	if set && json.Unmarshal([]byte(value), &p) != nil {
		panic("service: stored redrive policy is no JSON") // checkRedrivePolicy let it in
	}
	return p.DeadLetterTargetARN
}

// parseARN returns the key of a queue's ARN. The queue need not exist, only the form counts.
func parseARN(arn string) (k engine.Key, ok bool) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 {
		return k, false
	}
	k = engine.Key{Region: parts[3], Account: parts[4], Name: parts[5]}
	// The key knows which partition its region is in.
	return k, k.Region != "" && validAccount(k.Account) && validName(strings.TrimSuffix(k.Name, fifoSuffix), api.MaxQueueName) &&
		k.ARN() == arn
}

// validAccount reports whether s is an account's number: 12 digits.
func validAccount(s string) bool { return len(s) == 12 && allDigits(s) }

// objectOf decodes a JSON object, with its numbers as they were written.
func objectOf(document string) (members map[string]any, ok bool) {
	if !isObject(document) {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	return members, d.Decode(&members) == nil
}

// compact writes what this package made itself as JSON without white space, with < and > as they are.
func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("service: " + err.Error()) // strings and numbers can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}
