package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// Fault is an error as a client sees it.
type Fault struct {
	Type      string // Sender or Receiver; "" if the answer does not say
	Code      string // JSON: __type without its namespace, such as QueueDoesNotExist. XML: Code
	QueryCode string // such as AWS.SimpleQueueService.NonExistentQueue; in XML the same as Code
	Message   string
	RequestID string // XML only; in JSON it travels in the header x-amzn-RequestId
}

var errNoFault = errors.New("it does not say which error it is")

// faultDocument is the JSON form of an error. Both spellings of the message exist among AWS's services, and proxies
// that speak its protocol use code where SQS has __type.
type faultDocument struct {
	Type         string `wire:"__type"`
	Code         string `wire:"code"`
	Message      string `wire:"message"`
	UpperMessage string `wire:"Message"`
}

// DecodeJSONError reads the document of an error, together with the header x-amzn-query-error, which looks like
// "AWS.SimpleQueueService.NonExistentQueue;Sender" or is "". It fails if neither names an error; what was found
// is returned all the same.
func DecodeJSONError(body []byte, queryErrorHeader string) (Fault, error) {
	code, fault, _ := strings.Cut(queryErrorHeader, ";")
	f := Fault{Type: fault, QueryCode: code}
	var doc faultDocument
	err := DecodeJSON(body, &doc)
	f.Code = shortName(first(doc.Type, doc.Code))
	f.Message = first(doc.Message, doc.UpperMessage)
	switch {
	case f.Code != "" || f.QueryCode != "":
		return f, nil
	case err == nil:
		err = errNoFault
	}
	return f, fmt.Errorf("decode JSON error: %w", err)
}

// shortName cuts a __type down to its name: "com.amazonaws.sqs#QueueDoesNotExist", and a URL may follow after a colon.
func shortName(shape string) string {
	shape, _, _ = strings.Cut(shape, ":")
	return shape[strings.LastIndexByte(shape, '#')+1:]
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// DecodeXMLError reads the document of an error. It fails if no Code is in it, as in a proxy's error page, and returns
// what was found all the same. The answer to a request without Action is one empty element, whose name is the Code:
// <UnknownOperationException/>.
func DecodeXMLError(body []byte) (Fault, error) {
	r := xmlReader{xml.NewDecoder(bytes.NewReader(body))}
	root, err := r.root()
	if err != nil {
		return Fault{}, fmt.Errorf("decode XML error: %w", err)
	}
	var f Fault
	err = r.children(func(name string) error {
		if name == "Error" {
			return r.children(func(name string) error { return r.textIf(true, f.slot(name)) })
		}
		return r.textIf(name == "RequestId", &f.RequestID)
	})
	if f.Code == "" && strings.HasSuffix(root, "Exception") {
		f.Code = root
	}
	f.QueryCode = f.Code
	if err == nil && f.Code == "" {
		err = errNoFault
	}
	if err != nil {
		return f, fmt.Errorf("decode XML error: %w", err)
	}
	return f, nil
}

// slot returns where the text of a child of Error goes; what is unknown goes nowhere.
func (f *Fault) slot(element string) *string {
	switch element {
	case "Type":
		return &f.Type
	case "Code":
		return &f.Code
	case "Message":
		return &f.Message
	}
	return new(string)
}
