package service_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/service"
	"github.com/bufeomq/bufeo/internal/store"
)

// FuzzAttributes: what a queue is told to be, it refuses with a fault of the caller's, or it is that: its policies can be read,
// permissions be added and taken away again, and messages be sent and received.
func FuzzAttributes(f *testing.F) {
	const arn = `arn:aws:sqs:us-east-1:000000000000:q`
	for _, s := range [][2]string{
		{api.Policy, `{"Version":"2008-10-17","Statement":[{"Sid":"l"},{"Sid":1}]}`}, {api.Policy, `{"Statement":{"Sid":"x"},"Statement":[]}`},
		{api.Policy, `{"a":[1e400,"\ud800"],"Statement":null}`}, {api.RedrivePolicy, `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":"3"}`},
		{api.RedriveAllowPolicy, `{"redrivePermission":"byQueue","sourceQueueArns":["` + arn + `"]}`}, {api.VisibilityTimeout, "+1"},
		{api.DelaySeconds, "007"}, {api.MaximumMessageSize, "1024"}, {api.KmsMasterKeyID, "k"}, {api.SqsManagedSseEnabled, "true"}, {api.FifoQueue, "true"},
	} {
		f.Add(s[0], s[1])
	}
	quiet := slog.New(slog.DiscardHandler)
	st, err := store.Open("", &store.Options{FS: vfs.NewMem(), Log: quiet})
	if err != nil {
		f.Fatal(err)
	}
	e, err := engine.Open(st, &engine.Options{Log: quiet, RelaxedCooldowns: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	e.Drain() // nobody waits
	s := service.New(e, nil)
	c := &service.Call{Account: "000000000000", Region: "us-east-1", BaseURL: "http://localhost:9324"}
	f.Fuzz(func(t *testing.T, name, value string) {
		ctx := t.Context()
		try := func(what string, err error) bool {
			if fault, ok := errors.AsType[*api.Error](err); err != nil && (!ok || !fault.Kind.Sender()) {
				t.Errorf("%s: %v", what, err)
			}
			return err == nil
		}
		_, err := s.CreateQueue(ctx, c, &api.CreateQueueInput{QueueName: "q"})
		try("create", err)
		defer func() {
			_, err := s.DeleteQueue(ctx, c, &api.DeleteQueueInput{QueueURL: "q"})
			try("delete", err)
		}()
		_, err = s.SetQueueAttributes(ctx, c, &api.SetQueueAttributesInput{QueueURL: "q", Attributes: api.Attributes{{Name: name, Value: value}}})
		if !try("set", err) {
			return
		}
		_, err = s.AddPermission(ctx, c, &api.AddPermissionInput{QueueURL: "q", Label: "l2", AWSAccountIDs: []string{"123456789012"}, Actions: []string{"SendMessage"}})
		if try("add", err) {
			got, err := s.GetQueueAttributes(ctx, c, &api.GetQueueAttributesInput{QueueURL: "q", AttributeNames: []string{api.Policy}})
			if policy, _ := got.Attributes.Get(api.Policy); err != nil || !json.Valid([]byte(policy)) {
				t.Errorf("policy: %v, %s", err, policy)
			}
			_, err = s.RemovePermission(ctx, c, &api.RemovePermissionInput{QueueURL: "q", Label: "l2"})
			try("remove", err)
		}
		_, err = s.SendMessage(ctx, c, &api.SendMessageInput{QueueURL: "q", MessageBody: "m"})
		try("send", err)
		_, err = s.ReceiveMessage(ctx, c, &api.ReceiveMessageInput{QueueURL: "q"})
		try("receive", err)
	})
}
