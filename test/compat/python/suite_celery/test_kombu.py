"""kombu's SQS transport without Celery: what Celery does not call."""

import botocore.exceptions
import kombu
import pytest
from kombu.asynchronous import Hub, get_event_loop, set_event_loop
from vine import promise


def test_message_attributes_and_groups(bench):
    with bench.connection() as connection:
        with connection.SimpleQueue(bench.name) as queue:
            attributes = {"color": {"DataType": "String", "StringValue": "blue"}}
            queue.put("x", message_attributes=attributes, MessageGroupId="tenant-1")
            url = bench.sqs.get_queue_url(QueueName=bench.name)["QueueUrl"]
            (message,) = bench.sqs.receive_message(
                QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
            assert message["MessageAttributes"] == attributes
            assert message["Attributes"]["MessageGroupId"] == "tenant-1"


def test_delete_queue(bench):
    with bench.connection() as connection:
        channel = connection.channel()
        queue = kombu.Queue(bench.name, kombu.Exchange(bench.name), bench.name, channel=channel)
        queue.declare()
        assert bench.counts() == (0, 0, 0)
        queue.delete()
        with pytest.raises(botocore.exceptions.ClientError, match="NonExistentQueue"):
            bench.counts()


def test_requests_of_its_own(bench, protocol):
    """kombu's event loop signs and sends requests itself: in JSON by POST, in Query partly by presigned GET."""
    set_event_loop(Hub())
    hub = get_event_loop()
    with bench.connection() as connection:
        connection.transport.register_with_event_loop(connection.connection, hub)
        channel = connection.channel()
        url = channel._new_queue(bench.name)
        own = channel.asynsqs(bench.name)
        assert own.sqs_connection.meta.service_model.protocol == protocol

        def settled(call, *args, **kwargs):
            done = promise()
            call(*args, callback=done, **kwargs)
            loop = hub.create_loop()
            while not done.ready:
                next(loop)
            return done.value[0][0]

        for body in ("one", "two + two & more", "three"):
            bench.sqs.send_message(QueueUrl=url, MessageBody=body)
        received = []
        while len(received) < 3:
            received += settled(own.receive_message, bench.name, url, number_messages=10, wait_time_seconds=2)["Messages"]
        assert sorted(m["Body"] for m in received) == ["one", "three", "two + two & more"]
        assert {m["Attributes"]["ApproximateReceiveCount"] for m in received} == {"1"}
        assert bench.counts() == (0, 3, 0)
        for message in received:
            assert settled(own.delete_message, url, message["ReceiptHandle"]) == 200
        assert bench.counts() == (0, 0, 0)
        assert settled(own.receive_message, bench.name, url, wait_time_seconds=1).get("Messages", []) == []
    set_event_loop(None)
