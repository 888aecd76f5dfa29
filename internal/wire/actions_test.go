package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/internal/api"
)

// action is a row of the API with its types erased, for tests that go over all of them.
type action struct {
	name    string
	in, out reflect.Type
}

func (a action) newIn() any  { return reflect.New(a.in).Interface() }
func (a action) newOut() any { return reflect.New(a.out).Interface() }

func erase[In, Out any](a api.Action[In, Out]) action {
	return action{a.Name, reflect.TypeFor[In](), reflect.TypeFor[Out]()}
}

var actions = []action{
	erase(api.CreateQueue), erase(api.GetQueueURL), erase(api.ListQueues), erase(api.DeleteQueue),
	erase(api.GetQueueAttributes), erase(api.SetQueueAttributes), erase(api.SendMessage), erase(api.SendMessageBatch),
	erase(api.ReceiveMessage), erase(api.DeleteMessage), erase(api.DeleteMessageBatch),
	erase(api.ChangeMessageVisibility), erase(api.ChangeMessageVisibilityBatch), erase(api.PurgeQueue),
	erase(api.TagQueue), erase(api.UntagQueue), erase(api.ListQueueTags), erase(api.AddPermission), erase(api.RemovePermission),
	erase(api.ListDeadLetterSourceQueues), erase(api.StartMessageMoveTask), erase(api.CancelMessageMoveTask),
	erase(api.ListMessageMoveTasks),
}

func actionNamed(t testing.TB, name string) action {
	t.Helper()
	for _, a := range actions {
		if a.name == name {
			return a
		}
	}
	t.Fatalf("no action is called %q", name)
	return action{}
}

// dump prints what is set in a structure, one line for each leaf, without any help from the codec under test.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, "", reflect.ValueOf(v).Elem())
	if b.Len() == 0 {
		return "(nothing)"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func dumpValue(b *strings.Builder, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fmt.Fprintf(b, "%s = &%#v\n", path, v.Elem().Interface())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			dumpValue(b, strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), v.Field(i))
		}
	case reflect.Slice:
		switch {
		case v.IsNil():
		case v.Type().Elem().Kind() == reflect.Uint8:
			fmt.Fprintf(b, "%s = %x\n", path, v.Bytes())
		case v.Len() == 0:
			fmt.Fprintf(b, "%s = empty\n", path)
		}
		for i := range v.Len() {
			if v.Type().Elem().Kind() != reflect.Uint8 {
				dumpElement(b, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		}
	default:
		if !v.IsZero() {
			fmt.Fprintf(b, "%s = %#v\n", path, v.Interface())
		}
	}
}

// dumpElement shows that there is an element even if nothing is in it.
func dumpElement(b *strings.Builder, path string, v reflect.Value) {
	if v.IsZero() {
		fmt.Fprintf(b, "%s = zero\n", path)
		return
	}
	dumpValue(b, path, v)
}
