package harness

import "testing"

// The digests were recorded from AWS: the oracle itself needs a check.
func TestAttributesMD5(t *testing.T) {
	tests := map[string][]Attribute{
		"da1b33cc3cbfe8b1630921e78e6b9880": {{Name: "color", Type: "String", Text: "blue"}},
		"d838729972a4b70e2d2acd9d59ac847c": {
			{Name: "color", Type: "String", Text: "blue"},
			{Name: "count", Type: "Number", Text: "3"},
			{Name: "blob", Type: "Binary", Binary: []byte{1, 2, 3}},
		},
		"4c360f3fdafd970e05fae2f149d997f5": {
			{Name: "Help.Me", Type: "String", Text: "Me"},
			{Name: "Hello", Type: "String", Text: "There"},
			{Name: "General", Type: "String", Text: "Kenobi"},
		},
	}
	for want, attributes := range tests {
		if got := AttributesMD5(attributes...); got != want {
			t.Errorf("AttributesMD5(%v) = %s, want %s", attributes, got, want)
		}
	}
}
