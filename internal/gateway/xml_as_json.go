package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
)

// xmlAsJSON writes one of our own XML documents as JSON, in the way of LocalStack: an element is an object of its children, or
// its text, or null if it is empty; children of one name are a list if there are several of them. Namespaces are left out. So a
// list of one is no list, which programs that read it know.
func xmlAsJSON(document []byte) []byte {
	d := xml.NewDecoder(bytes.NewReader(document))
	root := &xmlNode{}
	open := []*xmlNode{root}
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return root.appendJSON(nil)
		}
		if err != nil {
			panic("gateway: an answer is no XML: " + err.Error()) // package wire made it
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, top.add(t.Name.Local))
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text.Write(t)
		}
	}
}

// xmlNode is an element: text, or children by name.
type xmlNode struct {
	text     strings.Builder
	names    []string // in the order of their first appearance
	children map[string][]*xmlNode
}

func (n *xmlNode) add(name string) *xmlNode {
	if n.children == nil {
		n.children = map[string][]*xmlNode{}
	}
	if n.children[name] == nil {
		n.names = append(n.names, name)
	}
	child := &xmlNode{}
	n.children[name] = append(n.children[name], child)
	return child
}

func (n *xmlNode) appendJSON(dst []byte) []byte {
	switch {
	case len(n.names) > 0:
	case n.text.Len() == 0:
		return append(dst, "null"...)
	default:
		return appendJSONString(dst, n.text.String())
	}
	separator := byte('{')
	for _, name := range n.names {
		dst = append(appendJSONString(append(dst, separator), name), ':')
		dst = appendJSONList(dst, n.children[name])
		separator = ','
	}
	return append(dst, '}')
}

func appendJSONList(dst []byte, ns []*xmlNode) []byte {
	if len(ns) == 1 {
		return ns[0].appendJSON(dst)
	}
	separator := byte('[')
	for _, n := range ns {
		dst = n.appendJSON(append(dst, separator))
		separator = ','
	}
	return append(dst, ']')
}

func appendJSONString(dst []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("gateway: " + err.Error()) // text can always be written
	}
	return append(dst, text...)
}
