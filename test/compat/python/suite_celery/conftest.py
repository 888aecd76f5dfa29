import importlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import boto3
import kombu
import kombu.pools
import pytest

from ledger import PATIENCE, Ledger
from support.server import environ
from support.values import unique_name

collect_ignore = ["test_kombu_get.py"] if os.environ.get("COMPAT_PROTOCOL") == "query" else []

HERE = pathlib.Path(__file__).parent


class Worker:
    """celery worker, as an operator runs it, in a process group of its own."""

    def __init__(self, name, env, concurrency):
        self.name = name
        self._lines = []
        self._grown = threading.Condition()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "celery", "--app", "tasks", "--workdir", str(HERE), "worker", "--hostname", name + "@here",
                "--concurrency", str(concurrency), "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat",
            ],
            env={**env, "SUITE_WORKER": name, "PYTHONUNBUFFERED": "1"}, cwd=HERE, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self._grown:
                self._lines.append(line)
                self._grown.notify_all()

    def log(self):
        return "".join(self._lines)

    def says(self, text):
        """Waits until the worker has printed text."""
        with self._grown:
            assert self._grown.wait_for(lambda: text in self.log(), PATIENCE), f"worker never said {text!r}:\n{self.log()}"

    def warm_stop(self):
        """SIGTERM: the worker finishes what it is doing and takes nothing more."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self):
        status = self.process.wait(PATIENCE)
        assert status == 0, f"worker ended with status {status}:\n{self.log()}"

    def stop(self):
        self.warm_stop()
        self.ended()

    def kill(self):
        """kill -9, of its pool as well."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(PATIENCE)


class Bench:
    """A queue of one test, the application that sends to it, and its workers."""

    def __init__(self, server, name, visibility_timeout):
        self.name, self.ledger, self._workers = name, Ledger(), []
        self.env = environ(
            SUITE_BROKER=f"sqs://any:any@127.0.0.1:{server.port}//", SUITE_QUEUE=name, SUITE_LEDGER=str(self.ledger.port),
            SUITE_VISIBILITY_TIMEOUT=str(visibility_timeout), AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_DEFAULT_REGION="us-east-1",
        )
        self.broker = self.env["SUITE_BROKER"]
        self.sqs = boto3.client(
            "sqs", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any",
        )

    def worker(self, name, concurrency=2):
        self._workers.append(Worker(name, self.env, concurrency))
        return self._workers[-1]

    def counts(self):
        """(visible, in flight, delayed)"""
        url = self.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        got = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return tuple(int(got["ApproximateNumberOfMessages" + suffix]) for suffix in ("", "NotVisible", "Delayed"))

    def settles(self, *want):
        """Waits until the counts are these: until the workers have acknowledged what they have done. One that is asked to
        stop between the end of a task and its acknowledgement may hang for half a minute and then hand the task back."""
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while self.counts() != want:
            assert time.monotonic() < deadline, f"the counts are {self.counts()}, want {want}"
            pause.wait(0.05)

    def connection(self):
        """kombu without Celery."""
        return kombu.Connection(self.broker, transport_options={"region": "us-east-1", "wait_time_seconds": 2})

    def close(self):
        for worker in self._workers:
            worker.kill()
        self.ledger.close()


@pytest.fixture
def visibility_timeout():
    """Seconds; longer than any test takes. A test that wants it otherwise parametrizes it."""
    return 300


@pytest.fixture
def suffix():
    """Of the queue's name; .fifo makes kombu create a FIFO queue."""
    return ""


@pytest.fixture
def bench(server, request, visibility_timeout, suffix):
    bench = Bench(server, unique_name(request.node.name) + suffix, visibility_timeout)
    yield bench
    bench.close()


@pytest.fixture
def tasks(bench, monkeypatch):
    """The tasks, in an application of this test: the module reads the environment that the workers have."""
    for name, value in bench.env.items():
        if name.startswith("SUITE_"):
            monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "tasks", raising=False)
    tasks = importlib.import_module("tasks")
    yield tasks
    tasks.app.close()
    kombu.pools.reset()  # they outlive applications
