package declare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bufeomq/bufeo/internal/api"
	"github.com/bufeomq/bufeo/internal/engine"
	"github.com/bufeomq/bufeo/internal/wire"
)

// askTimeout bounds one question. The server is on this machine or close by.
const askTimeout = 10 * time.Second

// maxAnswer bounds an answer: a queue has a policy of 8 KiB and fifty tags at most.
const maxAnswer = 1 << 20

// Ask looks for queues in a running server. It asks as an SQS client would, in AWS JSON 1.0. The credentials are made up
// and carry the region: a server that checks them refuses, and the error says so.
func Ask(baseURL string) Existing {
	a := &asker{strings.TrimSuffix(baseURL, "/"), &http.Client{Timeout: askTimeout}}
	return a.existing
}

type asker struct {
	base   string
	client *http.Client
}

func (a *asker) existing(ctx context.Context, k engine.Key) (*engine.Definition, error) {
	_, url := callFor(k)
	url = a.base + url
	var attributes api.GetQueueAttributesOutput
	err := a.ask(ctx, k.Region, api.GetQueueAttributes.Name, &api.GetQueueAttributesInput{QueueURL: url, AttributeNames: settable()}, &attributes)
	if fault, ok := errors.AsType[*faultError](err); ok && fault.Code == api.QueueDoesNotExist.Name() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var tags api.ListQueueTagsOutput
	if err := a.ask(ctx, k.Region, api.ListQueueTags.Name, &api.ListQueueTagsInput{QueueURL: url}, &tags); err != nil {
		return nil, err
	}
	d := &engine.Definition{Attributes: attributes.Attributes, Tags: tags.Tags}
	slices.SortFunc(d.Attributes, func(a, b api.Attribute) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Tags, func(a, b api.Tag) int { return strings.Compare(a.Key, b.Key) })
	return d, nil
}

// ask performs one action.
func (a *asker) ask(ctx context.Context, region, action string, in, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/", bytes.NewReader(wire.AppendJSON(nil, in)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", api.TargetPrefix+action)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=bufeo/20260101/"+region+"/sqs/aws4_request, SignedHeaders=host, Signature=none")
	answer, err := a.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	if answer.StatusCode != http.StatusOK {
		fault, err := wire.DecodeJSONError(body, answer.Header.Get("X-Amzn-Query-Error"))
		if err != nil {
			return fmt.Errorf("%s: %s is no SQS server: %s", action, a.base, answer.Status)
		}
		return &faultError{fault}
	}
	if err := wire.DecodeJSONAnswer(body, out); err != nil {
		return fmt.Errorf("%s: %s is no SQS server: %w", action, a.base, err)
	}
	return nil
}

// faultError is an error that the server answered with.
type faultError struct{ wire.Fault }

func (e *faultError) Error() string { return e.Code + ": " + e.Message }
