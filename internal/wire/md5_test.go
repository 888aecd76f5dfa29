package wire

import (
	"encoding/hex"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

func TestBodyMD5(t *testing.T) {
	for body, want := range map[string]string{
		"hello": "5d41402abc4b2a76b9719d911017c592", // recorded from AWS
		"":      "d41d8cd98f00b204e9800998ecf8427e", // RFC 1321
		"é\r\n": "311ea14de0eb4f0a7433af444f516780", // printf 'é\r\n' | md5sum
	} {
		sum := BodyMD5(body)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("BodyMD5(%q) = %s, want %s", body, got, want)
		}
	}
}

func str(name, dataType, value string) api.MessageAttribute {
	return api.MessageAttribute{Name: name, Value: api.MessageAttributeValue{DataType: dataType, StringValue: value}}
}

func bin(name, dataType, value string) api.MessageAttribute {
	return api.MessageAttribute{Name: name, Value: api.MessageAttributeValue{DataType: dataType, BinaryValue: []byte(value)}}
}

// The vectors of the behavioural reference, section 3.1; all but the fifth are recorded from AWS.
func TestAttributesMD5(t *testing.T) {
	help, hello, general := str("Help.Me", "String", "Me"), str("Hello", "String", "There"), str("General", "String", "Kenobi")
	for _, test := range []struct {
		name  string
		attrs []api.MessageAttribute
		want  string
	}{
		{"none", nil, ""},
		{"no_elements", []api.MessageAttribute{}, ""},
		{"string", []api.MessageAttribute{str("color", "String", "blue")}, "da1b33cc3cbfe8b1630921e78e6b9880"},
		{"string_number_and_binary", []api.MessageAttribute{str("color", "String", "blue"), str("count", "Number", "3"), bin("blob", "Binary", "\x01\x02\x03")}, "d838729972a4b70e2d2acd9d59ac847c"},
		{"sorted_by_bytes_of_the_name", []api.MessageAttribute{help, hello, general}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"order_does_not_matter", []api.MessageAttribute{general, hello, help}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"one_of_them", []api.MessageAttribute{hello}, "a311262e065454b75da111d535b8dacd"},
		{"two_of_them", []api.MessageAttribute{hello, help}, "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{"trace_header", []api.MessageAttribute{str("AWSTraceHeader", "String", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")}, "5ae4d5d7636402d80f4eb6d213245a88"},
		{"custom_type", []api.MessageAttribute{str("n", "Number.int", "42")}, "3b99c059e6bafef8133881a6b05a084f"},
		{"timestamp", []api.MessageAttribute{str("timestamp", "Number", "1493147359900")}, "235c5c510d26fb653d073faed50ae77c"},
		{"binary", []api.MessageAttribute{bin("attr1", "Binary", "traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")}, "8cbe4db156db8a94db8b801b7addb984"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(test.attrs) > 1 && test.attrs[0].Name == general.Name
			if got := AttributesMD5(test.attrs); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if before && test.attrs[0].Name != general.Name {
				t.Error("the caller's slice was sorted")
			}
		})
	}
}
