package cli

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/bufeomq/bufeo/sqs"
)

// serviceError is what came of asking a service, with what to do next.
type serviceError struct {
	err  error
	hint string
}

// Error returns the text without the prefix that the library's errors have in programs. What failed in a batch of several
// is listed apart, see failures.
func (e *serviceError) Error() string {
	batch, ok := errors.AsType[*sqs.BatchError](e.err)
	switch {
	case ok && batch.Entries > 1:
		return fmt.Sprintf("%s: %d of %d failed", batch.Action, len(batch.Errors), batch.Entries)
	case ok:
		return batch.Action + ": " + reason(batch.Errors[0].Err)
	}
	return reason(e.err)
}

func reason(err error) string { return strings.TrimPrefix(err.Error(), "sqs: ") }

func (e *serviceError) Unwrap() error { return e.err }

// hints by what a service refused.
var hints = []struct {
	code sqs.ErrorCode
	hint string
}{
	{sqs.ErrQueueDoesNotExist, "`bufeo queue list` shows the queues that exist; `bufeo queue create` makes one"},
	{sqs.ErrQueueNameExists, "`bufeo queue show` tells how it is, `bufeo queue set` changes it"},
	{sqs.ErrQueueDeletedRecently, "wait for 60 seconds after the delete, or take another name"},
	{sqs.ErrPurgeQueueInProgress, "wait for 60 seconds after the last purge"},
	{sqs.ErrInvalidAttributeName, "`bufeo help queue create` shows how attributes are given; their names are AWS's"},
	{sqs.ErrInvalidAttributeValue, "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html has the ranges"},
	{sqs.ErrReceiptHandleIsInvalid, "a handle is the ReceiptHandle that `bufeo receive` printed, of the same queue"},
	{sqs.ErrMissingParameter, "FIFO queues want --group, and --dedup-id unless the queue has ContentBasedDeduplication"},
	{sqs.ErrAccessDenied, "check the keys, and the region that they are for: --profile, --region"},
	{"InvalidClientTokenId", "check the keys, and the region that they are for: --profile, --region"},
	{"SignatureDoesNotMatch", "check the secret key: --profile (AWS_SECRET_ACCESS_KEY)"},
}

// explain adds what to do next to an error of the service or of the way to it.
func (c *client) explain(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*usageError](err); ok || errors.Is(err, errDeclined) {
		return err
	}
	if _, ok := errors.AsType[*serviceError](err); ok { // with a hint already
		return err
	}
	for _, h := range hints {
		if errors.Is(err, h.code) {
			return &serviceError{err, h.hint}
		}
	}
	if errors.Is(err, sqs.ErrNoCredentials) {
		return &serviceError{
			errors.New("no keys for Amazon SQS"),
			"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile; for roles and single sign-on: eval \"$(aws configure export-credentials --format env)\"",
		}
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		if c.endpoint == "" && !c.aws {
			return &serviceError{err, "start a server with `bufeo serve`, or name another with --endpoint-url (BUFEO_ENDPOINT_URL)"}
		}
		return &serviceError{err, "check the address, and that the service runs: --endpoint-url (BUFEO_ENDPOINT_URL)"}
	}
	return &serviceError{err, ""}
}

// failures lists the entries of a batch that failed, one a line.
func failures(err error) (lines []string) {
	batch, ok := errors.AsType[*sqs.BatchError](err)
	if !ok || batch.Entries == 1 {
		return nil
	}
	for _, e := range batch.Errors {
		lines = append(lines, fmt.Sprintf("number %d: %s", e.Index+1, reason(e.Err)))
	}
	return lines
}
