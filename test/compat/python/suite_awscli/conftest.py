import json
import os
import pathlib
import subprocess
import sys

import pytest

from support.server import environ
from support.values import unique_name

AWS = pathlib.Path(sys.executable).parent / "aws"


class Failed(Exception):
    def __init__(self, status, text):
        super().__init__(f"exit {status}: {text}")
        self.status, self.text = status, text


class CLI:
    """aws sqs, as somebody types it."""

    def __init__(self, url):
        self.url = url

    def __call__(self, command, *arguments, **options):
        line = [str(AWS), "--endpoint-url", self.url, "sqs", command, *arguments]
        for name, value in options.items():
            line.append("--" + name.replace("_", "-"))
            line.append(value if isinstance(value, str) else json.dumps(value))
        env = environ(
            AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="us-east-1", AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_MAX_ATTEMPTS="2", AWS_RETRY_MODE="standard", PYTHONIOENCODING="utf-8",
            PYTHONUTF8="1",
        )
        done = subprocess.run(line, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60)
        if done.returncode:
            raise Failed(done.returncode, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else {}


@pytest.fixture
def aws(server):
    return CLI(server.url)


@pytest.fixture
def connect():
    return lambda to: CLI(to.url)


@pytest.fixture
def url(aws, request):
    return aws("create-queue", queue_name=unique_name(request.node.name))["QueueUrl"]


@pytest.fixture
def refused():
    """Checks that a command fails with the exit status of a refusal by the service, its code and text."""

    def check(code, text, call, *args, **kwargs):
        with pytest.raises(Failed) as caught:
            call(*args, **kwargs)
        assert f"({code})" in caught.value.text and text in caught.value.text, caught.value.text
        assert caught.value.status in (254, 255)  # 254: the service answered with an error; older CLIs: 255

    return check
