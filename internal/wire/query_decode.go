package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bufeomq/bufeo/internal/api"
)

// DecodeQuery reads the parameters of a Query request into the structure that into points to, such as
// *api.SendMessageInput. Parameters that the structure has no field for are ignored, Action and Version among them.
//
// Lists are numbered from 1; gaps are allowed and the order is that of the numbers, however large. A list of one may
// leave the number out, as boto2 does (AttributeName=All, Attribute.Name=…&Attribute.Value=…), and may be numbered
// X.member.N, as AWS's other Query services are. Repeated entries of a map are all kept, for the service to judge.
//
// Every error is an *api.Error: NotAnInteger, NotBase64, or InvalidMessageContents for a value that is no UTF-8.
// Strings are copied: nothing keeps the request alive.
func DecodeQuery(p *Params, into any) error {
	p.sort()
	s, v := planOf(into)
	return s.decodeQuery(p.list, 0, v)
}

// decodeQuery decodes a structure from params: the sorted parameters that share its prefix, of length cut, and no
// others.
//
// Fields are sorted as well, so one pass over both finds everything. For a field X that is first the parameters called
// X, then those called X.something: nothing that is a field can stand between, as no field's name has a character as
// low as the dot.
func (s *shape) decodeQuery(params []param, cut int, v reflect.Value) error {
	for _, f := range s.query {
		params = skipBelow(params, cut, f.param)
		exact := countWhile(params, func(p param) bool { return p.name[cut:] == f.param })
		given := params[:exact]
		params = params[exact:]
		if f.shape.kind <= blob {
			if exact > 0 {
				if err := f.shape.decodeParam(given[exact-1], v.Field(f.index)); err != nil {
					return err
				}
			}
			continue
		}
		params = params[countWhile(params, func(p param) bool { return below(p.name[cut:], f.param) }):]
		inside := countWhile(params, func(p param) bool { return isInside(p.name[cut:], f.param) })
		if exact+inside == 0 {
			continue
		}
		if err := f.shape.decodeNested(given, params[:inside], cut+len(f.param)+1, v.Field(f.index)); err != nil {
			return err
		}
		params = params[inside:]
	}
	return nil
}

// skipBelow drops the parameters that sort before name.
func skipBelow(params []param, cut int, name string) []param {
	return params[countWhile(params, func(p param) bool { return p.name[cut:] < name }):]
}

func countWhile(params []param, ok func(param) bool) int {
	for i := range params {
		if !ok(params[i]) {
			return i
		}
	}
	return len(params)
}

// isInside reports whether name is prefix, a dot and something.
func isInside(name, prefix string) bool {
	return len(name) > len(prefix) && name[len(prefix)] == '.' && name[:len(prefix)] == prefix
}

// below reports whether name begins with prefix and yet sorts before prefix and a dot.
func below(name, prefix string) bool {
	return len(name) > len(prefix) && name[len(prefix)] < '.' && name[:len(prefix)] == prefix
}

// decodeNested decodes a structure or a list. The parameters called exactly as it are given, those inside it have
// prefixes of length cut.
func (s *shape) decodeNested(given, inside []param, cut int, v reflect.Value) error {
	if s.kind == structure {
		return s.decodeQuery(inside, cut, v)
	}
	if err := s.decodeSingleton(given, inside, cut, v); err != nil {
		return err
	}
	var room [16]item
	for _, it := range itemsOf(room[:0], inside, cut, s.elem.kind == structure) {
		element := extend(v)
		if s.elem.kind == structure {
			if err := s.elem.decodeQuery(it.params, it.cut, element); err != nil {
				return err
			}
			continue
		}
		if err := s.elem.decodeParam(it.params[len(it.params)-1], element); err != nil {
			return err
		}
	}
	return nil
}

// decodeSingleton decodes the form without numbers. An empty value means an empty list: so botocore writes one.
func (s *shape) decodeSingleton(given, inside []param, cut int, v reflect.Value) error {
	if s.elem.kind != structure {
		if len(given) == 0 {
			return nil
		}
		last := given[len(given)-1]
		if last.value == "" {
			present(v)
			return nil
		}
		return s.elem.decodeParam(last, extend(v))
	}
	for _, p := range inside {
		member, _, _ := strings.Cut(p.name[cut:], ".")
		if s.elem.hasParam(member) {
			return s.elem.decodeQuery(inside, cut, extend(v))
		}
	}
	return nil
}

func (s *shape) hasParam(name string) bool {
	for _, f := range s.query {
		if f.param == name {
			return true
		}
	}
	return false
}

// decodeParam decodes a scalar.
func (s *shape) decodeParam(p param, v reflect.Value) error {
	if !utf8.ValidString(p.value) {
		return api.InvalidMessageContents.New()
	}
	v = s.target(v)
	switch s.kind {
	case integer:
		n, err := strconv.ParseInt(p.value, 10, 64)
		if err != nil || v.OverflowInt(n) {
			return api.NotAnInteger.New(clip(p.value), clip(p.name))
		}
		v.SetInt(n)
	case boolean:
		b, err := strconv.ParseBool(p.value)
		if err != nil {
			return api.MalformedInput.New(s.name + " is not a boolean")
		}
		v.SetBool(b)
	case blob:
		b, err := base64.StdEncoding.DecodeString(p.value)
		if err != nil {
			return api.NotBase64.New(clip(p.name))
		}
		v.SetBytes(b)
	default:
		if !p.fresh {
			p.value = strings.Clone(p.value)
		}
		v.SetString(p.value)
	}
	return nil
}

// clip shortens what a fault repeats of a parameter: nobody needs megabytes to recognise what they sent. The longest
// name that means something, that of a list value of an attribute in a batch, has not quite 80 bytes.
func clip(sent string) string {
	const most = 128
	if len(sent) <= most {
		return sent
	}
	return strings.ToValidUTF8(sent[:most], "") + "..."
}
