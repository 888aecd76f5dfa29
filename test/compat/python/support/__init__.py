"""What the suites share: a bufeo process, a proxy that breaks requests, hostile values and the digests of SQS."""
