package model

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/test/compat/harness"
)

// action is a row of the API with its types erased.
type action struct{ in, out reflect.Type }

func add[In, Out any](to map[string]action, a api.Action[In, Out]) {
	to[a.Name] = action{reflect.TypeFor[In](), reflect.TypeFor[Out]()}
}

// ours are the actions of package api by name.
func ours() map[string]action {
	m := map[string]action{}
	add(m, api.AddPermission)
	add(m, api.CancelMessageMoveTask)
	add(m, api.ChangeMessageVisibility)
	add(m, api.ChangeMessageVisibilityBatch)
	add(m, api.CreateQueue)
	add(m, api.DeleteMessage)
	add(m, api.DeleteMessageBatch)
	add(m, api.DeleteQueue)
	add(m, api.GetQueueAttributes)
	add(m, api.GetQueueURL)
	add(m, api.ListDeadLetterSourceQueues)
	add(m, api.ListMessageMoveTasks)
	add(m, api.ListQueueTags)
	add(m, api.ListQueues)
	add(m, api.PurgeQueue)
	add(m, api.ReceiveMessage)
	add(m, api.RemovePermission)
	add(m, api.SendMessage)
	add(m, api.SendMessageBatch)
	add(m, api.SetQueueAttributes)
	add(m, api.StartMessageMoveTask)
	add(m, api.TagQueue)
	add(m, api.UntagQueue)
	return m
}

// theirs are the actions of AWS's model: the methods of the SDK's client that take an input and return an output.
func theirs() map[string]action {
	m := map[string]action{}
	client := reflect.TypeFor[*sqs.Client]()
	for i := range client.NumMethod() {
		f := client.Method(i).Type
		if f.NumIn() == 4 && f.In(1) == reflect.TypeFor[context.Context]() && f.NumOut() == 2 {
			m[client.Method(i).Name] = action{f.In(2).Elem(), f.Out(0).Elem()}
		}
	}
	return m
}

// declared are the names of the actions that the sources of package api declare.
func declared(t *testing.T) (names []string) {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "internal", "api", "action.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if generic, ok := literal.Type.(*ast.IndexListExpr); ok && fmt.Sprint(generic.X) == "Action" {
			name, err := strconv.Unquote(literal.Elts[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		return true
	})
	return names
}

// The list in ours is by hand: an action that it lacks would be compared with nothing.
func TestAllActionsAreCompared(t *testing.T) {
	compared, all := slices.Sorted(maps.Keys(ours())), declared(t)
	if slices.Sort(all); !slices.Equal(compared, all) {
		t.Errorf("compared are %v, declared %v", compared, all)
	}
}

func TestActionsAndMembers(t *testing.T) {
	want, got := theirs(), ours()
	if len(want) < 23 {
		t.Fatalf("the SDK has %d actions, want at least the 23 of 2026", len(want))
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("AWS's model has no %s", name)
		}
	}
	for name, a := range want {
		t.Run(name, func(t *testing.T) {
			mine, ok := got[name]
			if !ok {
				t.Fatal("package api has no such action")
			}
			compareStructs(t, "input", mine.in, a.in)
			compareStructs(t, "output", mine.out, a.out)
		})
	}
}

// members are the fields of an SDK structure that travel.
func members(theirs reflect.Type) (fields []reflect.StructField) {
	for i := range theirs.NumField() {
		if f := theirs.Field(i); f.IsExported() && f.Name != "ResultMetadata" {
			fields = append(fields, f)
		}
	}
	return fields
}

// tagOf splits the wire tag of one of our fields into the member's name and the options.
func tagOf(f reflect.StructField) (member string, options []string) {
	parts := strings.Split(f.Tag.Get("wire"), ",")
	return parts[0], parts[1:]
}

// compareStructs sees to it that both structures have the same members of the same types. The SDK begins the name of each
// with a capital, whatever it is on the wire; the two that are not are in package wire's goldens.
func compareStructs(t *testing.T, path string, mine, theirs reflect.Type) {
	t.Helper()
	known := map[string]bool{}
	for i := range mine.NumField() {
		f := mine.Field(i)
		member, options := tagOf(f)
		known[strings.ToUpper(member[:1])+member[1:]] = true
		other, ok := theirs.FieldByName(strings.ToUpper(member[:1]) + member[1:])
		if !ok {
			t.Errorf("%s: AWS's model has no %s", path, member)
			continue
		}
		compareTypes(t, path+"."+member, f.Type, other.Type, slices.Contains(options, "map"))
	}
	for _, f := range members(theirs) {
		if !known[f.Name] {
			t.Errorf("%s: package api has no %s", path, f.Name)
		}
	}
}

func compareTypes(t *testing.T, path string, mine, theirs reflect.Type, dict bool) {
	t.Helper()
	mine, theirs = deref(mine), deref(theirs)
	switch theirs.Kind() {
	case reflect.Map:
		if !dict || mine.Kind() != reflect.Slice || mine.Elem().NumField() != 2 {
			t.Errorf("%s is a %s, want a slice of pairs with the option map", path, mine)
			return
		}
		compareTypes(t, path+".key", mine.Elem().Field(0).Type, theirs.Key(), false)
		compareTypes(t, path+".value", mine.Elem().Field(1).Type, theirs.Elem(), false)
	case reflect.Slice:
		if dict || mine.Kind() != reflect.Slice {
			t.Errorf("%s is a %s, want a list", path, mine)
			return
		}
		compareTypes(t, path+"[]", mine.Elem(), theirs.Elem(), false)
	case reflect.Struct:
		if mine.Kind() != reflect.Struct {
			t.Errorf("%s is a %s, want a structure", path, mine)
			return
		}
		compareStructs(t, path, mine, theirs)
	default:
		if got, want := scalar(mine.Kind()), scalar(theirs.Kind()); got != want {
			t.Errorf("%s is a %s, want a %s", path, got, want)
		}
	}
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// scalar is what a Go type is on the wire: all integers are one there.
func scalar(k reflect.Kind) string {
	if k == reflect.Int || k == reflect.Int32 || k == reflect.Int64 {
		return "number"
	}
	return k.String()
}

func TestQueueAttributes(t *testing.T) {
	all := types.QueueAttributeName("").Values()
	for _, name := range all {
		if name != types.QueueAttributeNameAll && api.QueueAttributeNamed(string(name)) == nil {
			t.Errorf("package api has no queue attribute %s", name)
		}
	}
	for _, a := range api.QueueAttributes {
		if !slices.Contains(all, types.QueueAttributeName(a.Name)) {
			t.Errorf("AWS's model has no queue attribute %s", a.Name)
		}
	}
}

func TestMessageSystemAttributes(t *testing.T) {
	mine := []string{
		api.All, api.ApproximateFirstReceiveTimestamp, api.ApproximateReceiveCount, api.AWSTraceHeader,
		api.DeadLetterQueueSourceArn, api.MessageDeduplicationID, api.MessageGroupID, api.SenderID, api.SentTimestamp, api.SequenceNumber,
	}
	all := types.MessageSystemAttributeName("").Values()
	for _, name := range all {
		if !slices.Contains(mine, string(name)) {
			t.Errorf("package api has no message system attribute %s", name)
		}
	}
	for _, name := range mine {
		if !slices.Contains(all, types.MessageSystemAttributeName(name)) {
			t.Errorf("AWS's model has no message system attribute %s", name)
		}
	}
}

// TestErrors: each error of AWS's model is in the catalogue, with its code and status of the Query protocol, and what the
// catalogue has in the namespace of SQS is in the model.
func TestErrors(t *testing.T) {
	n := 0
	var modelled []string
	for shape, entry := range sqs.TypeRegistry.Entries {
		if _, isError := entry.New().(error); !isError {
			continue
		}
		n++
		modelled = append(modelled, shape)
		code, status := shape[strings.IndexByte(shape, '#')+1:], 400
		if query, ok := smithy.SchemaTrait[*traits.AWSQueryError](entry.Schema); ok {
			code, status = query.ErrorCode, query.StatusCode
		}
		i := slices.IndexFunc(api.Catalogue, func(k *api.Kind) bool { return k.Shape == shape })
		if i < 0 {
			t.Errorf("the catalogue has no %s", shape)
			continue
		}
		if code == "InvalidIdFormat" { // deprecated and never answered; the model has no status, and ours is that of its successor
			status = 404
		}
		if k := api.Catalogue[i]; k.QueryCode != code || k.Status != status {
			t.Errorf("%s: got %s with status %d, want %s with %d", shape, k.QueryCode, k.Status, code, status)
		}
	}
	for _, k := range api.Catalogue {
		if strings.HasPrefix(k.Shape, "com.amazonaws.sqs#") && !slices.Contains(modelled, k.Shape) {
			t.Errorf("AWS's model has no error %s", k.Shape)
		}
	}
	if n < 28 {
		t.Errorf("the SDK has %d errors, want at least the 28 of 2026", n)
	}
}
