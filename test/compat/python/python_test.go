// Package python runs the suites of the Python clients: boto2, boto3 and the AWS CLI, each by pytest in a virtual
// environment of its own. To run one by hand, or one test of it:
//
//	go build -o /tmp/bufeo ./cmd/bufeo && cd test/compat/python
//	BUFEO_BIN=/tmp/bufeo COMPAT_PROTOCOL=json "$(./venv.sh boto3)"/bin/python -m pytest suite_boto3 -k long_poll
package python

import (
	"strings"
	"testing"

	"github.com/bufeomq/bufeo/test/compat/harness"
)

func TestSuites(t *testing.T) {
	suites := []struct{ name, venv, dir, protocol string }{
		{"boto2", "boto2", "suite_boto2", "query"},
		{"boto3", "boto3", "suite_boto3", "json"},
		{"boto3_of_early_2023", "boto3-query", "suite_boto3", "query"},
		{"aws_cli", "awscli", "suite_awscli", "json"},
	}
	for _, suite := range suites {
		t.Run(suite.name, func(t *testing.T) {
			t.Parallel()
			run := harness.Python(t, suite.venv, "-m", "pytest", suite.dir)
			run.Env = append(run.Env, "COMPAT_PROTOCOL="+suite.protocol)
			out, err := run.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			lines := harness.Lines(string(out))
			summary := lines[len(lines)-1]
			t.Log(summary)
			// A suite that collected nothing, or skipped something, proves less than it claims.
			if !strings.Contains(summary, "passed") || strings.Contains(summary, "skipped") {
				t.Errorf("want every test to pass and none to be skipped: %s", summary)
			}
		})
	}
}

// boto 2.49 cannot be imported on Python 3.12 and newer without help: see support/boto2_shim.py. The help is tested on
// whatever Python there is, by taking boto's own six.moves away first.
func TestBoto2ShimStandsInForSixMoves(t *testing.T) {
	t.Parallel()
	run := harness.Python(t, "boto2", "-W", "ignore", "-c", `
import sys
from support import boto2_shim
boto2_shim.install(force=True)
moves = sys.modules["boto.vendored.six.moves"]
import boto, boto.sqs, boto.sqs.connection, boto.sqs.queue, boto.sqs.jsonmessage
assert sys.modules["boto.vendored.six.moves"] is moves
import boto.compat
assert boto.compat.http_client.HTTPConnection and boto.compat.urlparse and boto.compat.quote
boto.sqs.connection.SQSConnection("any", "any")
print("imported")
`)
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "imported") {
		t.Errorf("%v\n%s", err, out)
	}
}
