package cli

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/bufeomq/bufeo/sqs"
)

// messageAttributes reads NAME=VALUE, which is a String, and NAME:TYPE=VALUE. Names have no colons.
func messageAttributes(given []string) (map[string]sqs.MessageAttribute, error) {
	all := map[string]sqs.MessageAttribute{}
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		name, kind, typed := strings.Cut(name, ":")
		if !typed {
			kind = "String"
		}
		if !ok || name == "" || kind == "" {
			return nil, &usageError{fmt.Sprintf("--attribute is %q, want NAME=VALUE or NAME:TYPE=VALUE", g), "as in --attribute kind=new --attribute size:Number=3"}
		}
		a := sqs.MessageAttribute{DataType: kind}
		if base, _, _ := strings.Cut(kind, "."); base == "Binary" {
			bytes, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return nil, &usageError{fmt.Sprintf("--attribute %s is not in base64", name), "as in --attribute data:Binary=aGVsbG8="}
			}
			a.Binary = bytes
		} else {
			a.String = value
		}
		all[name] = a
	}
	return all, nil
}
