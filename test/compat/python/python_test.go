// Package python runs the suites of the Python clients: boto2, boto3, the AWS CLI and Celery, each by pytest in a virtual
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
	suites := []struct{ name, venv, dir, protocol, client, packages string }{
		{"boto2", "boto2", "suite_boto2", "query", "boto2", "boto"},
		{"boto3", "boto3", "suite_boto3", "json", "boto3", "boto3"},
		{"boto3_of_early_2023", "boto3-query", "suite_boto3", "query", "boto3 (Query)", "boto3"},
		{"aws_cli", "awscli", "suite_awscli", "json", "AWS CLI", "awscli"},
		{"celery", "celery", "suite_celery", "json", "Celery", "celery kombu botocore"},
		{"celery_on_botocore_of_2023", "celery-query", "suite_celery", "query", "Celery (Query)", "celery kombu botocore"},
	}
	for _, suite := range suites {
		t.Run(suite.name, func(t *testing.T) {
			t.Parallel()
			logs := t.TempDir()
			run := harness.Python(t, suite.venv, "-m", "pytest", suite.dir)
			run.Env = append(run.Env, "COMPAT_PROTOCOL="+suite.protocol, "COMPAT_LOGS="+logs)
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
			if err := harness.WriteRecordOf(logs, suite.client, versions(t, suite.venv, suite.packages)); err != nil {
				t.Error(err)
			}
		})
	}
}

// versions returns what is installed of packages, space-separated: that of the first, then the others by name.
func versions(t *testing.T, venv, packages string) string {
	t.Helper()
	out, err := harness.Python(t, venv, "-c", `
import importlib.metadata, sys
first, *others = sys.argv[1].split()
print(", ".join([importlib.metadata.version(first)] + [f"{name} {importlib.metadata.version(name)}" for name in others]))
`, packages).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
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
