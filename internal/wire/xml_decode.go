package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// DecodeXML reads the answer of an action in the Query protocol into the structure that out points to, and returns the
// id of the request. It is the client's half: unknown elements are skipped, namespaces and the names of the outer
// elements are not looked at, text is taken verbatim. A list is as long as the elements that were there.
func DecodeXML(body []byte, out any) (requestID string, err error) {
	r := xmlReader{xml.NewDecoder(bytes.NewReader(body))}
	if _, err := r.root(); err != nil {
		return "", fmt.Errorf("decode XML answer: %w", err)
	}
	err = r.children(func(name string) error {
		switch {
		case name == "ResponseMetadata":
			return r.children(func(name string) error {
				return r.textIf(name == "RequestId", &requestID)
			})
		case strings.HasSuffix(name, "Result"):
			s, v := planOf(out)
			return r.structure(s, v)
		}
		return r.Skip()
	})
	if err != nil {
		return requestID, fmt.Errorf("decode XML answer: %w", err)
	}
	return requestID, nil
}

// xmlReader walks a document element by element. Its depth of recursion is that of the structures it fills.
type xmlReader struct{ *xml.Decoder }

// root reads up to the outermost element and returns its name.
func (r xmlReader) root() (string, error) {
	for {
		token, err := r.Token()
		if err != nil {
			return "", err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name.Local, nil
		}
	}
}

// children calls each for the elements inside the current one, up to its end. Each must consume its element.
func (r xmlReader) children(each func(name string) error) error {
	for {
		token, err := r.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if err := each(token.Name.Local); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// text returns the character data of the current element, up to its end.
func (r xmlReader) text() (string, error) {
	var content []byte
	for {
		token, err := r.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			content = append(content, token...)
		case xml.StartElement:
			if err := r.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return string(content), nil
		}
	}
}

// textIf reads the current element into s if it is the wanted one, and skips it otherwise.
func (r xmlReader) textIf(wanted bool, s *string) (err error) {
	if !wanted {
		return r.Skip()
	}
	*s, err = r.text()
	return err
}

func (r xmlReader) structure(s *shape, v reflect.Value) error {
	return r.children(func(name string) error {
		for _, f := range s.fields {
			if f.param == name {
				return r.member(f.shape, v.Field(f.index))
			}
		}
		return r.Skip()
	})
}

// member decodes the current element into a field. Lists are flattened: each element adds one.
func (r xmlReader) member(s *shape, v reflect.Value) error {
	switch s.kind {
	case structure:
		return r.structure(s, v)
	case list, dict:
		return r.member(s.elem, extend(v))
	}
	content, err := r.text()
	if err != nil {
		return err
	}
	if err := s.parse(content, s.target(v)); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

func (s *shape) parse(content string, v reflect.Value) error {
	switch s.kind {
	case integer:
		n, err := strconv.ParseInt(content, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	case boolean:
		b, err := strconv.ParseBool(content)
		v.SetBool(b)
		return err
	case blob:
		b, err := base64.StdEncoding.DecodeString(content)
		v.SetBytes(b)
		return err
	default:
		v.SetString(content)
		return nil
	}
}
