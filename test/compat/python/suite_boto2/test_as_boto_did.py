"""What boto's own integration tests assert, in our words, against a local server (reference/boto2.md, section 4)."""

import time

import pytest

from boto.exception import SQSError
from boto.sqs.message import Message, MHMessage, RawMessage

from support.values import unique_name


def test_basic(conn):
    with pytest.raises(SQSError):
        conn.create_queue("bad*queue*name")

    prefix = unique_name("basic")
    before = len(conn.get_all_queues(prefix))
    queue = conn.create_queue(prefix, 60)
    assert len(conn.get_all_queues(prefix)) == before + 1
    assert queue.count_slow() == 0
    assert queue.get_timeout() == 60
    assert dict(queue.get_attributes("VisibilityTimeout")) == {"VisibilityTimeout": "60"}
    assert "QueueArn" in queue.get_attributes("All")
    queue.set_timeout(45)
    assert queue.get_timeout() == 45

    message = queue.new_message()
    message.set_body("This is a test\n")
    queue.write(message)
    first = queue.read(visibility_timeout=1)
    assert first.get_body() == "This is a test\n"
    assert queue.read() is None  # hidden
    again = queue.read(wait_time_seconds=20)  # back
    assert again.get_body() == first.get_body()
    assert queue.delete_message(again)
    assert queue.count() == 0

    result = queue.write_batch([(i, f"batch {i}", 0) for i in range(10)])
    assert sorted(int(r["id"]) for r in result.results) == list(range(10))
    queue.set_message_class(RawMessage)
    got = queue.get_messages(10)
    assert len(got) == 10
    assert len(queue.delete_message_batch(got).results) == 10

    attributes = {"name1": {"data_type": "String", "string_value": "bar"}, "name2": {"data_type": "Number", "string_value": "1"}}
    queue.write_batch([("a", "with attributes", 0, attributes)])
    (got,) = queue.get_messages(1, message_attributes=["name1", "name2"])
    assert got.message_attributes == attributes
    got.delete()

    queue.set_message_class(MHMessage)
    message = queue.new_message()
    message["foo"] = "bar"
    queue.write(message)
    assert queue.read()["foo"] == "bar"
    assert queue.delete()


def test_an_empty_long_poll_lasts_and_a_waiting_message_is_answered(conn, queue):
    start = time.monotonic()
    assert queue.read(wait_time_seconds=1) is None
    assert time.monotonic() - start >= 0.9
    conn.send_message(queue, "test message")
    assert queue.read(wait_time_seconds=20).get_body() == "test message"
    assert queue.get_attributes("ReceiveMessageWaitTimeSeconds")["ReceiveMessageWaitTimeSeconds"] == "0"


def test_a_message_wakes_the_long_poll(queue, connect, proxy):
    message = Message(body="wake up")
    poller = connect(proxy).get_queue(queue.name)
    sender = proxy.then(lambda: queue.write(message))
    got = poller.read(wait_time_seconds=20)
    sender.join()
    assert (got.id, got.get_body()) == (message.id, "wake up")


def test_full_and_empty_queues_can_be_deleted(conn):
    prefix = unique_name("delete")
    empty, full = conn.create_queue(prefix + "-empty"), conn.create_queue(prefix + "-full")
    full.write(full.new_message("x"))
    assert full.count() == 1
    assert len(conn.get_all_queues(prefix)) == 2
    assert empty.delete() is True
    assert full.delete() is True
    assert conn.get_all_queues(prefix) == []


def test_system_attributes(queue):
    now = int(time.time() * 1000)
    queue.write(queue.new_message("x"))
    (got,) = queue.get_messages(attributes="All")
    assert got.attributes["ApproximateReceiveCount"] == "1"
    assert int(got.attributes["ApproximateFirstReceiveTimestamp"]) >= now - 1000
    got.change_visibility(0)
    (got,) = queue.get_messages(attributes="ApproximateReceiveCount")
    assert dict(got.attributes) == {"ApproximateReceiveCount": "2"}


def test_purge(queue):
    for i in range(4):
        queue.write(queue.new_message(f"{i}"))
    assert queue.count() == 4
    queue.purge()
    assert queue.count() == 0
