package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func wantKind(t *testing.T, err error, want *api.Kind) {
	t.Helper()
	if e, ok := errors.AsType[*api.Error](err); !ok || e.Kind != want {
		t.Errorf("got %v, want %s", err, want.Name())
	}
}

func TestDecodeJSON(t *testing.T) {
	t.Run("deep_nesting_is_bounded", func(t *testing.T) {
		for _, body := range []string{
			`{"unknown":` + strings.Repeat(`[`, 1_000_000),
			`{"unknown":` + strings.Repeat(`{"a":`, 200_000),
			`{"unknown":` + strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000) + `}`,
		} {
			wantKind(t, DecodeJSON([]byte(body), new(api.SendMessageInput)), api.MalformedInput)
		}
	})
	t.Run("invalid_UTF-8_is_invalid_contents", func(t *testing.T) {
		for _, body := range []string{"{\"MessageBody\":\"\xff\"}", "{\"unknown\":\"\xed\xa0\x80\"}", "{\"\xff\":1}"} {
			wantKind(t, DecodeJSON([]byte(body), new(api.SendMessageInput)), api.InvalidMessageContents)
		}
	})
	t.Run("many_keys_cost_no_square", func(t *testing.T) {
		var b strings.Builder
		for i := range 4_999 {
			fmt.Fprintf(&b, `"k%d":"v",`, i)
		}
		var in api.CreateQueueInput
		err := DecodeJSON([]byte(`{"tags":{`+b.String()+b.String()+`"k0":"last"}}`), &in)
		if err != nil || len(in.Tags) != 4_999 || in.Tags[0] != (api.Tag{Key: "k0", Value: "last"}) {
			t.Errorf("%d tags, the first %v, %v", len(in.Tags), in.Tags[0], err)
		}
	})
	t.Run("10000_elements_and_entries_are_the_limit_in_all", func(t *testing.T) {
		repeat := func(element string, n int) string { return strings.Repeat(element+",", n-1) + element }
		for name, c := range map[string]struct {
			at, over string
			into     any
		}{
			"structures": {`{"Entries":[` + repeat("{}", 10_000) + `]}`, `{"Entries":[` + repeat("{}", 10_001) + `]}`, new(api.SendMessageBatchInput)},
			"strings":    {`{"AttributeNames":[` + repeat(`""`, 10_000) + `]}`, `{"AttributeNames":[` + repeat(`""`, 10_001) + `]}`, new(api.ReceiveMessageInput)},
			"two_lists": {
				`{"AttributeNames":[` + repeat(`""`, 4_000) + `],"MessageAttributeNames":[` + repeat(`""`, 6_000) + `]}`,
				`{"AttributeNames":[` + repeat(`""`, 4_000) + `],"MessageAttributeNames":[` + repeat(`""`, 6_001) + `]}`, new(api.ReceiveMessageInput),
			},
			"one_list_twice": {
				`{"AttributeNames":[` + repeat(`""`, 4_000) + `],"AttributeNames":[` + repeat(`""`, 6_000) + `]}`,
				`{"AttributeNames":[` + repeat(`""`, 4_000) + `],"AttributeNames":[` + repeat(`""`, 6_001) + `]}`, new(api.ReceiveMessageInput),
			},
			"lists_in_a_list": {
				`{"Entries":[` + repeat(`{"MessageAttributes":{"a":{"StringListValues":["b","c"]}}}`, 2_500) + `]}`,
				`{"Entries":[` + repeat(`{"MessageAttributes":{"a":{"StringListValues":["b","c"]}}}`, 2_501) + `]}`, new(api.SendMessageBatchInput),
			},
			"keys":    {`{"tags":{` + repeat(`"k":"v"`, 10_000) + `}}`, `{"tags":{` + repeat(`"k":"v"`, 10_001) + `}}`, new(api.CreateQueueInput)},
			"unknown": {`{"u":[` + repeat("{}", 10_001) + `]}`, "", new(api.CreateQueueInput)},
		} {
			if err := DecodeJSON([]byte(c.at), c.into); err != nil {
				t.Errorf("%s: 10000: %v", name, err)
			}
			if c.over == "" {
				continue
			}
			wantKind(t, DecodeJSON([]byte(c.over), c.into), api.MalformedInput)
			if err := DecodeJSONAnswer([]byte(c.over), c.into); err != nil {
				t.Errorf("%s: 10001 in an answer: %v", name, err)
			}
		}
	})
	t.Run("every_truncation_is_malformed", func(t *testing.T) {
		body := `{"Entries":[{"Id":"a\u00e9","DelaySeconds":10,"MessageAttributes":{"x":{"DataType":"é","BinaryValue":"AQID"}}},null],"u":[true,{"b":null}]}`
		for n := 1; n < len(body); n++ {
			err := DecodeJSON([]byte(body[:n]), new(api.SendMessageBatchInput))
			if e, ok := errors.AsType[*api.Error](err); !ok || e.Kind != api.MalformedInput {
				t.Fatalf("%s: %v", body[:n], err)
			}
		}
	})
	t.Run("a_malformed_body_is_not_quoted", func(t *testing.T) {
		for _, body := range []string{`{"MessageBody":"x",SECRET}`, `SECRET`, `{"SECRET":1`, `{"MessageAttributes":{"SECRET":1}}`,
			`{"MessageBody":{"SECRET":1}}`, `{"MessageBody":"b"}"SECRET"`, `{"DelaySeconds":"SECRET"}`} {
			err := DecodeJSON([]byte(body), new(api.SendMessageInput))
			wantKind(t, err, api.MalformedInput)
			if e, ok := errors.AsType[*api.Error](err); ok && strings.Contains(e.Message(api.JSON), "SECRET") {
				t.Errorf("%s: %s", body, e.Message(api.JSON))
			}
		}
	})
	t.Run("nothing_keeps_the_body_alive", func(t *testing.T) {
		body := []byte(`{"QueueUrl":"url","MessageBody":"a\u0062c","MessageAttributes":{"n":{"BinaryValue":"AQID"}}}`)
		var in api.SendMessageInput
		if err := DecodeJSON(body, &in); err != nil {
			t.Fatal(err)
		}
		before := dump(&in)
		clear(body)
		if err := DecodeJSON([]byte(`{"MessageBody":"\u0078\u0079z"}`), new(api.SendMessageInput)); err != nil {
			t.Fatal(err)
		}
		if after := dump(&in); after != before {
			t.Errorf("got:\n%s\nwant:\n%s", after, before)
		}
	})
}

func TestParams(t *testing.T) {
	t.Run("last_value_wins", func(t *testing.T) {
		var p Params
		for _, encoded := range []string{"", "a=1&b", "a=2"} {
			if err := p.Add(encoded); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.Get("a"); got != "2" {
			t.Errorf("Get(a) = %q, want 2", got)
		}
		if got, ok := p.Lookup("b"); got != "" || !ok {
			t.Errorf(`Lookup(b) = %q, %t, want "", true`, got, ok)
		}
		if got, ok := p.Lookup("c"); got != "" || ok {
			t.Errorf(`Lookup(c) = %q, %t, want "", false`, got, ok)
		}
	})
	t.Run("10000_are_the_limit_in_all", func(t *testing.T) {
		var p Params
		if err := p.Add(strings.Repeat("&a=1", 9_999)); err != nil {
			t.Fatal(err)
		}
		if err := p.Add("&&a=1&"); err != nil {
			t.Error(err)
		}
		wantKind(t, p.Add("a=1"), api.MalformedInput)
	})
}

func TestDecodeQuery(t *testing.T) {
	t.Run("10000_params_of_one_list", func(t *testing.T) {
		var b strings.Builder
		for i := 10_000; i > 0; i-- {
			fmt.Fprintf(&b, "&AttributeName.%d=%d", i, i)
		}
		var p Params
		if err := p.Add(b.String()); err != nil {
			t.Fatal(err)
		}
		var in api.ReceiveMessageInput
		if err := DecodeQuery(&p, &in); err != nil || len(in.AttributeNames) != 10_000 {
			t.Fatalf("%d names, %v", len(in.AttributeNames), err)
		}
		for i, name := range in.AttributeNames {
			if name != fmt.Sprint(i+1) {
				t.Fatalf("AttributeNames[%d] = %q", i, name)
			}
		}
	})
	t.Run("10000_params_of_nested_lists", func(t *testing.T) {
		var b strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&b, "&SendMessageBatchRequestEntry.%d.MessageAttribute.%d.Value.StringListValue.%d=x", i%100, i%7, i)
		}
		var p Params
		if err := p.Add(b.String()); err != nil {
			t.Fatal(err)
		}
		var in api.SendMessageBatchInput
		if err := DecodeQuery(&p, &in); err != nil || len(in.Entries) != 100 || len(in.Entries[0].MessageAttributes) != 7 {
			t.Errorf("%d entries, %v", len(in.Entries), err)
		}
	})
	t.Run("a_long_name_is_not_repeated_at_length", func(t *testing.T) {
		long := "MessageAttribute.1" + strings.Repeat("0", 100_000) + ".Value.BinaryValue"
		name := "SendMessageBatchRequestEntry.10.MessageAttribute.10.Value.BinaryListValue.10"
		for _, c := range []struct{ param, want string }{{long, long[:128] + "..."}, {name, name}} {
			var p Params
			if err := p.Add(c.param + "=%21"); err != nil {
				t.Fatal(err)
			}
			var into any = new(api.SendMessageInput)
			if c.param == name {
				into = new(api.SendMessageBatchInput)
			}
			err := DecodeQuery(&p, into)
			wantKind(t, err, api.NotBase64)
			if err == nil || len(err.Error()) > 400 || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.500v, want %s in it", err, c.want)
			}
		}
	})
	t.Run("params_can_be_read_and_extended_after_decoding", func(t *testing.T) {
		var p Params
		for i, encoded := range []string{"QueueUrl=1&MessageBody=b&MessageBody=c&Action=A", "QueueUrl=2"} {
			if err := p.Add(encoded); err != nil {
				t.Fatal(err)
			}
			var in api.SendMessageInput
			if err := DecodeQuery(&p, &in); err != nil || in.QueueURL != fmt.Sprint(i+1) || in.MessageBody != "c" {
				t.Errorf("%s, %v", dump(&in), err)
			}
			if p.Get("MessageBody") != "c" || p.Get("Action") != "A" {
				t.Error("Get changed its answer")
			}
		}
	})
}

// A type that cannot travel is a mistake in package api, found by the first use of it.
func TestPlanRefuses(t *testing.T) {
	for name, v := range map[string]any{
		"no_tag": new(struct{ A string }),
		"float": new(struct {
			A float64 `wire:"A"`
		}),
		"map_of_scalar": new(struct {
			A []string `wire:"A,A,map"`
		}),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			AppendJSON(nil, v)
		})
	}
}
