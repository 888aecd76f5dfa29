import os

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from support.values import unique_name


collect_ignore = ["test_moves.py"] if os.environ.get("COMPAT_PROTOCOL") == "query" else []


def client_of(url, **config):
    config.setdefault("retries", {"max_attempts": 0})
    return boto3.client(
        "sqs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any",
        config=Config(**config),
    )


@pytest.fixture
def connect(protocol):
    """Makes clients: connect(server) or connect(proxy, retries=…). Each proves which protocol it speaks."""

    def make(to, **config):
        client = client_of(to.url, **config)

        def spoken(request, **_):
            assert ("X-Amz-Target" in request.headers) == (protocol == "json")

        client.meta.events.register("before-send.sqs.*", spoken)
        return client

    return make


@pytest.fixture
def sqs(server, connect):
    return connect(server)


class Queue:
    """A queue of one test: the client's calls with its URL filled in."""

    def __init__(self, client, name, **attributes):
        self.client, self.name = client, name
        self.url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def __getattr__(self, action):
        return lambda **arguments: getattr(self.client, action)(**{"QueueUrl": self.url, **arguments})

    def send(self, body="x", **arguments):
        return self.send_message(MessageBody=body, **arguments)

    def receive(self, **arguments):
        arguments.setdefault("MaxNumberOfMessages", 10)
        arguments.setdefault("AttributeNames", ["All"])
        arguments.setdefault("MessageAttributeNames", ["All"])
        return self.receive_message(**arguments).get("Messages", [])

    def receive_one(self, **arguments):
        (message,) = self.receive(**arguments)
        return message

    def hide(self, message, seconds):
        self.change_message_visibility(ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds)

    def attributes(self, *names):
        return self.get_queue_attributes(AttributeNames=list(names)).get("Attributes", {})

    def counts(self):
        """(visible, in flight, delayed)"""
        got = self.attributes("All")
        return tuple(int(got["ApproximateNumberOfMessages" + suffix]) for suffix in ("", "NotVisible", "Delayed"))


@pytest.fixture
def make_queue(sqs, request):
    def make(client=sqs, name=None, suffix="", **attributes):
        return Queue(client, name or unique_name(request.node.name) + suffix, **attributes)

    return make


@pytest.fixture
def queue(make_queue):
    return make_queue()


@pytest.fixture
def refused():
    """Checks that a call raises the client's exception with this code, status and text."""

    def check(code, status, text, call, *args, exception="ClientError", **kwargs):
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            call(*args, **kwargs)
        answer = caught.value.response
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), caught.value
        assert text in answer["Error"]["Message"]
        assert answer["Error"]["Type"] == "Sender"
        assert answer["ResponseMetadata"]["RequestId"]
        assert type(caught.value).__name__ == exception
        return answer

    return check


@pytest.fixture
def no_queue(refused, protocol):
    """Checks that a call is refused because its queue does not exist. The protocols word that differently."""
    text = "The specified queue does not exist" + ("." if protocol == "json" else " for this wsdl version.")

    def check(call, *args, **kwargs):
        refused("AWS.SimpleQueueService.NonExistentQueue", 400, text, call, *args, exception="QueueDoesNotExist", **kwargs)

    return check
