"""The Celery application of the suite. Test and workers import it; what they share comes in the environment."""

import json
import os
import socket

from celery import Celery

app = Celery("tasks", broker=os.environ.get("SUITE_BROKER", "sqs://"))
app.conf.update(
    broker_transport_options={
        "region": "us-east-1",
        "visibility_timeout": int(os.environ.get("SUITE_VISIBILITY_TIMEOUT", "60")),
        "wait_time_seconds": 2,
        "polling_interval": 0,
    },
    task_default_queue=os.environ.get("SUITE_QUEUE", "celery"),
    task_acks_late=True,  # a worker that dies has not acknowledged what it was doing
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,  # it needs fanout, which takes more than SQS
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


def tell(**event):
    """Reports to the test that runs the worker, and waits until the test lets go on."""
    with socket.create_connection(("127.0.0.1", int(os.environ["SUITE_LEDGER"]))) as ledger:
        ledger.sendall(json.dumps(event).encode() + b"\n")
        ledger.makefile().readline()


@app.task(bind=True)
def note(self, key, payload):
    tell(event="done", key=key, payload=payload, task=self.request.id)


@app.task(bind=True, max_retries=3)
def flaky(self, key, failures):
    attempt = self.request.retries
    tell(event="attempt", key=key, attempt=attempt, task=self.request.id)
    if attempt < failures:
        raise self.retry(countdown=1)
    tell(event="done", key=key, payload=attempt, task=self.request.id)


@app.task(bind=True)
def held(self, key):
    tell(event="started", key=key, worker=os.environ["SUITE_WORKER"], task=self.request.id, redelivered=self.request.delivery_info["redelivered"])
    tell(event="done", key=key, payload=os.environ["SUITE_WORKER"], task=self.request.id)
