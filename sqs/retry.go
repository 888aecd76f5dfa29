package sqs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// attempts calls try until it succeeds, fails for good, or the retryer has had enough. The order of tokens is that of
// the SDK's own loop (aws/retry, middleware.go), which is bound to its middleware and cannot be used without it.
func (c *Connection) attempts(ctx context.Context, try func(context.Context) error) error {
	release := func(error) error { return nil }
	for attempt := 1; ; attempt++ {
		if err := context.Cause(ctx); err != nil {
			return given(ctx, err)
		}
		done, err := c.retryer.GetAttemptToken(ctx) // in adaptive mode this waits
		if err != nil {
			return given(ctx, err)
		}
		err = try(ctx)
		// Tokens go back to their pools; a pool that refuses one is no reason to fail a request that has its answer.
		_ = release(err)
		_ = done(err)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return given(ctx, err)
		}
		if !c.retryer.IsErrorRetryable(err) {
			return err
		}
		if release, err = c.backoff(ctx, attempt, err); err != nil {
			return err
		}
	}
}

// backoff waits before the attempt that follows number attempt, which failed with cause. It returns cause, explained,
// when there is to be no other attempt; else what to call with the outcome of the next.
func (c *Connection) backoff(ctx context.Context, attempt int, cause error) (func(error) error, error) {
	if limit := c.retryer.MaxAttempts(); limit > 0 && attempt >= limit {
		if attempt == 1 {
			return nil, cause
		}
		return nil, &retry.MaxAttemptsError{Attempt: attempt, Err: cause}
	}
	release, err := c.retryer.GetRetryToken(ctx, cause)
	if err != nil {
		return nil, fmt.Errorf("%w (not repeated: %w)", cause, err)
	}
	delay, err := c.retryer.RetryDelay(attempt, cause)
	if err != nil {
		return nil, fmt.Errorf("%w (not repeated: %w)", cause, err)
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return release, nil
	case <-ctx.Done():
		return nil, given(ctx, cause)
	}
}

// given is the error of a call whose context ended: errors.Is finds the context's error, its cause, and what had gone
// wrong before.
func given(ctx context.Context, err error) error {
	for _, why := range []error{ctx.Err(), context.Cause(ctx)} {
		if why != nil && !errors.Is(err, why) {
			err = fmt.Errorf("%w: %w", why, err)
		}
	}
	return err
}

// retryerV2 adapts retryers from before GetAttemptToken existed.
func retryerV2(r aws.Retryer) aws.RetryerV2 {
	if v2, ok := r.(aws.RetryerV2); ok {
		return v2
	}
	return oldRetryer{r}
}

type oldRetryer struct{ aws.Retryer }

func (r oldRetryer) GetAttemptToken(context.Context) (func(error) error, error) {
	return r.GetInitialToken(), nil
}
