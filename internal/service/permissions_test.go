package service_test

import (
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

const (
	alice = "111111111111"
	bob   = "222222222222"
)

func permission(label string, accounts []string, actions ...string) *api.AddPermissionInput {
	return &api.AddPermissionInput{QueueURL: "q", Label: label, AWSAccountIDs: accounts, Actions: actions}
}

func TestAddPermissionLimits(t *testing.T) {
	f := newFixture(t, nil)
	seven := []string{"ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage"}
	one := []string{alice}
	for _, c := range []struct {
		name string
		in   *api.AddPermissionInput
		want *api.Kind
		text string
	}{
		{"unknown_queue_first", &api.AddPermissionInput{QueueURL: "absent"}, api.QueueDoesNotExist, ""},
		{"no_label", permission("", one, "*"), api.MissingParameter, "The request must contain the parameter Label."},
		{"no_actions", permission("l", one), api.MissingParameter, "The request must contain the parameter Actions."},
		{"no_accounts", permission("l", nil, "*"), api.InvalidPrincipal, "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify."},
		{"label_80", permission(repeat(80), one, "*"), nil, ""},
		{"label_81", permission(repeat(81), one, "*"), api.InvalidLabel, ""},
		{"label_characters", permission("a b", one, "*"), api.InvalidLabel, ""},
		{"actions_7", permission("seven", one, seven...), nil, ""},
		{"actions_8", permission("eight", one, append(seven, "SendMessage")...), api.TooManyPermissions, "8 Actions were found, maximum allowed is 7."},
		{"account_star", permission("star", []string{"*"}, "*"), api.InvalidPrincipal, "Value [*] for parameter PrincipalId is invalid. Reason: Unable to verify."},
		{"account_11_digits", permission("l", []string{alice, "12345678901"}, "*"), api.InvalidPrincipal,
			"Value [111111111111, 12345678901] for parameter PrincipalId is invalid. Reason: Unable to verify."},
		{"action_unknown", permission("l", one, "Foo"), api.UnknownPermission,
			"Value SQS:Foo for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions."},
		{"action_of_a_batch", permission("l", one, "SendMessageBatch"), api.UnknownPermission, ""},
		{"action_lower_case", permission("l", one, "sendMessage"), api.UnknownPermission, ""},
		{"action_of_the_owner", permission("l", one, "*", "DeleteQueue"), api.OwnerOnlyPermission,
			"Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action."},
		{"label_again", permission("seven", one, "*"), api.LabelExists, "Value seven for parameter Label is invalid. Reason: Already exists."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.AddPermission(t.Context(), f.call, c.in)
			want(t, err, c.want, c.text)
		})
	}
}

// The policies are as recorded from AWS (test_sqs_permission_lifecycle).
func TestPermissionsEditThePolicy(t *testing.T) {
	f := newFixture(t, nil)
	add := func(in *api.AddPermissionInput, policy string) {
		t.Helper()
		_, err := f.AddPermission(t.Context(), f.call, in)
		want(t, err, nil, "")
		if got := strings.TrimPrefix(f.attributes(api.Policy), "Policy="); got != policy {
			t.Errorf("got\n%s\nwant\n%s", got, policy)
		}
	}
	remove := func(label string) error {
		_, err := f.RemovePermission(t.Context(), f.call, &api.RemovePermissionInput{QueueURL: f.queue, Label: label})
		return err
	}
	const (
		head = `{"Version":"2008-10-17","Id":"arn:aws:sqs:us-east-1:000000000000:q/SQSDefaultPolicy","Statement":[`
		one  = `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:ReceiveMessage","Resource":"arn:aws:sqs:us-east-1:000000000000:q"}`
		two  = `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Action":["SQS:SendMessage","SQS:*"],"Resource":"arn:aws:sqs:us-east-1:000000000000:q"}`
	)
	want(t, remove(""), api.MissingParameter, "The request must contain the parameter Label.")
	want(t, remove("one"), api.LabelWithoutPolicy, "Value one for parameter Label is invalid. Reason: can't find label.")
	add(permission("one", []string{alice, alice}, "ReceiveMessage"), head+one+"]}")
	add(permission("two", []string{alice, bob}, "SendMessage", "*"), head+one+","+two+"]}")
	want(t, remove("three"), api.LabelNotInPolicy, "Value three for parameter Label is invalid. Reason: can't find label on existing policy.")
	want(t, remove("one"), nil, "")
	if got, want := f.attributes(api.Policy), "Policy="+head+two+"]}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want(t, remove("two"), nil, "")
	if got := f.attributes(api.Policy); got != "" {
		t.Errorf("got %s, want no policy after its last statement", got)
	}
}

func TestPermissionsKeepWhatOthersWrote(t *testing.T) {
	f := newFixture(t, nil)
	added := `{"Sid":"l","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:*","Resource":"arn:aws:sqs:us-east-1:000000000000:q"}`
	for _, c := range []struct{ name, policy, want string }{
		{"list", `{ "Version":"2012-10-17", "Statement":[ {"Sid":7,"Condition":{"Bool":{"a":1.50}}} ], "Id":"<mine>" }`,
			`{"Version":"2012-10-17","Statement":[{"Sid":7,"Condition":{"Bool":{"a":1.50}}},` + added + `],"Id":"<mine>"}`},
		{"single_statement", `{"Statement":{"Sid":"x"}}`, `{"Statement":[{"Sid":"x"},` + added + `]}`},
		{"no_statement", `{"Version":"2012-10-17"}`, `{"Version":"2012-10-17","Statement":[` + added + `]}`},
		{"empty_object", `{}`, `{"Statement":[` + added + `]}`},
		{"null_statement", `{"Statement":null}`, `{"Statement":[` + added + `]}`},
		{"no_policy_at_all", `{"Statement":"all"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, f.update(f.queue, set(api.Policy, c.policy)), nil, "")
			_, err := f.AddPermission(t.Context(), f.call, permission("l", []string{alice}, "*"))
			if c.want == "" {
				want(t, err, api.PolicyIsNotForLabels, "")
				_, err = f.RemovePermission(t.Context(), f.call, &api.RemovePermissionInput{QueueURL: "q", Label: "l"})
				want(t, err, api.PolicyIsNotForLabels, "")
				return
			}
			want(t, err, nil, "")
			if got := strings.TrimPrefix(f.attributes(api.Policy), "Policy="); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestPolicyLimits(t *testing.T) {
	f := newFixture(t, nil)
	add := func(label string) error {
		_, err := f.AddPermission(t.Context(), f.call, permission(label, []string{alice}, "*"))
		return err
	}
	t.Run("statements", func(t *testing.T) {
		for i := range 20 {
			want(t, add("l"+repeat(i)), nil, "")
		}
		want(t, add("one-more"), api.TooManyStatements, "The policy of the queue has 20 statements, maximum allowed is 20.")
	})
	t.Run("bytes", func(t *testing.T) {
		want(t, f.update(f.queue, set(api.Policy, "{}")), nil, "")
		want(t, add("l"), nil, "")
		room := 8192 - len(strings.TrimPrefix(f.attributes(api.Policy), "Policy=")) - len(`"x":"",`)
		for _, c := range []struct {
			bytes int
			want  *api.Kind
		}{{room, nil}, {room + 1, api.PolicyTooLong}} {
			want(t, f.update(f.queue, set(api.Policy, `{"x":"`+repeat(c.bytes)+`"}`)), nil, "")
			want(t, add("l"), c.want, "")
		}
	})
}
