package wire

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"sync"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeJSON reads an AWS JSON 1.0 document into the structure that into points to, such as *api.SendMessageInput or
// *api.ReceiveMessageOutput. An empty body counts as {}.
//
// Members that the structure does not have are ignored, null counts as absent, and members that are absent leave their
// field alone. Of a member or a key that is repeated the last one counts. An integer may be written as 5, 5.0, 5e0 or
// "5"; nothing else is converted. Strings are copied: nothing keeps body alive.
//
// Every error is an *api.Error that can be sent as it is: MalformedInput with a text that never quotes the body, or
// InvalidMessageContents when a string is no Unicode (invalid UTF-8, half a surrogate pair). Nesting is bounded by
// jsontext, at 10,000 levels; what is unknown is skipped without recursion. More than 10,000 elements of lists and
// entries of maps, all in all, are MalformedInput.
func DecodeJSON(body []byte, into any) error {
	return readJSON(body, into, maxElements)
}

// DecodeJSONAnswer is DecodeJSON for clients: without a limit on elements. A server answers what it was asked for, and
// that can be more than any request holds, such as a thousand messages with twenty attributes each.
func DecodeJSONAnswer(body []byte, into any) error {
	return readJSON(body, into, math.MaxInt)
}

// maxElements bounds the elements of lists and the entries of maps in a document. Without it, a body of 8 MiB that
// repeats {} becomes 750 MiB of structures. It is the limit of Query, where everything is a parameter.
const maxElements = maxParams

func readJSON(body []byte, into any, elements int) error {
	if len(body) == 0 {
		return nil
	}
	r := jsonReaders.Get().(*jsonReader)
	r.source = *bytes.NewBuffer(body)
	r.left = elements
	err := r.document(planOf(into))
	r.release()
	if err == nil {
		return nil
	}
	if _, syntax := errors.AsType[*jsontext.SyntacticError](err); syntax || err == io.EOF {
		return syntaxFault(body, err)
	}
	return err
}

var (
	// Duplicates are allowed because the last one counts: it also spares jsontext a set of names per object.
	readOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true)}
	// looseOptions tell a document that is not JSON from one whose only fault is its Unicode.
	looseOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
)

// jsonReader is a tokenizer that reads a body in place: jsontext aliases the content of a bytes.Buffer.
type jsonReader struct {
	jsontext.Decoder
	source  bytes.Buffer
	scratch []byte // of strings with escapes
	left    int    // elements and entries that may still come
}

var jsonReaders = sync.Pool{New: func() any {
	r := new(jsonReader)
	r.Reset(&r.source, readOptions...)
	return r
}}

// release lets go of the body and gives the reader back.
func (r *jsonReader) release() {
	r.source = bytes.Buffer{}
	r.Reset(&r.source, readOptions...)
	if cap(r.scratch) > 64<<10 { // a rare long body is not worth keeping its buffer
		r.scratch = nil
	}
	jsonReaders.Put(r)
}

func (r *jsonReader) document(s *shape, v reflect.Value) error {
	switch r.PeekKind() {
	case '{':
	case jsontext.KindInvalid:
		_, err := r.ReadToken()
		return err
	default:
		return api.MalformedInput.New("it is not a JSON object")
	}
	if err := r.structure(s, v); err != nil {
		return err
	}
	switch _, err := r.ReadToken(); err {
	case io.EOF:
		return nil
	case nil:
		return api.MalformedInput.New("something follows the JSON object")
	default:
		return err
	}
}

// value decodes the next value into v.
func (r *jsonReader) value(s *shape, v reflect.Value) error {
	next := r.PeekKind()
	if next == 'n' {
		return r.SkipValue()
	}
	v = s.target(v)
	switch s.kind {
	case text, blob:
		return r.str(s, v, next)
	case integer:
		return r.integer(s, v, next)
	case boolean:
		return r.boolean(s, v, next)
	case structure:
		v.SetZero() // it may be a repeated member
		return r.structure(s, v)
	case list:
		return r.list(s, v, next)
	default:
		return r.dict(s, v, next)
	}
}

func (r *jsonReader) structure(s *shape, v reflect.Value) error {
	if next := r.PeekKind(); next != '{' {
		return r.refuse(next, s, "an object")
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	for r.PeekKind() == '"' {
		name, err := r.quoted()
		if err != nil {
			return err
		}
		f := s.memberNamed(name)
		if f == nil {
			err = r.SkipValue()
		} else {
			err = r.value(f.shape, v.Field(f.index))
		}
		if err != nil {
			return err
		}
	}
	_, err := r.ReadToken() // the closing brace, or the fault that stands in its place
	return err
}

// memberNamed finds a field by its JSON name. A structure has at most eight: comparing is cheaper than hashing.
func (s *shape) memberNamed(name []byte) *field {
	for _, f := range s.fields {
		if f.member == string(name) {
			return f
		}
	}
	return nil
}

func (r *jsonReader) list(s *shape, v reflect.Value, next jsontext.Kind) error {
	if next != '[' {
		return r.refuse(next, s, "a list")
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	v.SetZero()
	for {
		switch r.PeekKind() {
		case ']', jsontext.KindInvalid:
			present(v)
			_, err := r.ReadToken()
			return err
		case 'n':
			if err := r.SkipValue(); err != nil {
				return err
			}
			continue
		}
		if err := r.spend(); err != nil {
			return err
		}
		if err := r.value(s.elem, extend(v)); err != nil {
			return err
		}
	}
}

// spend counts an element or an entry. Those of a member that is repeated count each time.
func (r *jsonReader) spend() error {
	if r.left == 0 {
		return api.MalformedInput.New("its lists and maps have more than 10000 elements")
	}
	r.left--
	return nil
}

// refuse reports a value of the wrong type, or the syntax error that stands where a value should.
func (r *jsonReader) refuse(next jsontext.Kind, s *shape, want string) error {
	if next == jsontext.KindInvalid {
		_, err := r.ReadToken()
		return err
	}
	return api.MalformedInput.New(s.name + " is not " + want)
}

// syntaxFault words what jsontext found without its text, which quotes the body.
func syntaxFault(body []byte, err error) error {
	if jsontext.Value(body).IsValid(looseOptions...) {
		return api.InvalidMessageContents.New()
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return api.MalformedInput.Wrap(err, "its JSON ends too early")
	}
	return api.MalformedInput.Wrap(err, "it is not JSON")
}
