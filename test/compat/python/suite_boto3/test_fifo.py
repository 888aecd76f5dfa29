"""FIFO queues: order within groups, deduplication, sequence numbers."""

import pytest

from support.values import body_md5


def entry(n, body, group="g", **more):
    return {"Id": str(n), "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": body, **more}


def bodies(messages):
    return [message["Body"] for message in messages]


@pytest.fixture
def fifo(make_queue):
    return make_queue(suffix=".fifo", FifoQueue="true")


@pytest.fixture
def by_content(make_queue):
    return make_queue(suffix=".fifo", FifoQueue="true", ContentBasedDeduplication="true")


class TestOrder:
    def test_two_hundred_messages_in_ten_groups(self, fifo):
        want = {f"g{n}": [f"{n}-{i}" for i in range(20)] for n in range(10)}
        sent = []
        for i in range(20):
            out = fifo.send_message_batch(Entries=[entry(n, want[f"g{n}"][i], f"g{n}") for n in range(10)])
            assert [r["Id"] for r in out["Successful"]] == [str(n) for n in range(10)] and "Failed" not in out
            sent += [r["SequenceNumber"] for r in out["Successful"]]
        assert sent == sorted(set(sent)) and {len(number) for number in sent} == {20}
        assert fifo.counts() == (200, 0, 0)
        got = {group: [] for group in want}
        received = 0
        while received < 200:
            messages = fifo.receive()
            assert messages, f"only {received} came"
            for message in messages:
                attributes = message["Attributes"]
                assert attributes["MessageDeduplicationId"] == message["Body"]
                assert attributes["SequenceNumber"] == sent[want[attributes["MessageGroupId"]].index(message["Body"]) * 10 + int(attributes["MessageGroupId"][1:])]
                got[attributes["MessageGroupId"]].append(message["Body"])
                received += 1
            fifo.delete_message_batch(Entries=[{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)])
        assert got == want
        assert fifo.counts() == (0, 0, 0)

    def test_a_group_waits_for_what_is_in_flight(self, by_content):
        for body in ("a1", "a2", "b1"):
            by_content.send(body, MessageGroupId=body[0])
        first = by_content.receive_one(MaxNumberOfMessages=1)
        assert first["Body"] == "a1"
        b1 = by_content.receive_one()
        assert b1["Body"] == "b1"
        assert by_content.receive() == []
        by_content.hide(first, 0)
        assert bodies(by_content.receive()) == ["a1", "a2"]

    def test_the_delay_is_the_queues(self, make_queue, refused):
        queue = make_queue(suffix=".fifo", FifoQueue="true", ContentBasedDeduplication="true", DelaySeconds="900")
        queue.send("late", MessageGroupId="g")
        assert queue.counts() == (0, 0, 1)
        refused("InvalidParameterValue", 400, "DelaySeconds", queue.send, "x", MessageGroupId="g", DelaySeconds=1)
        queue.set_queue_attributes(Attributes={"DelaySeconds": "0"})
        assert queue.receive_one()["Body"] == "late"


class TestDeduplication:
    def test_by_id(self, fifo):
        first = fifo.send("one", MessageGroupId="g", MessageDeduplicationId="id")
        again = fifo.send("two", MessageGroupId="g", MessageDeduplicationId="id")
        assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
        assert again["MD5OfMessageBody"] == body_md5("two")
        got = fifo.receive_one()
        assert got["Body"] == "one"
        fifo.delete_message(ReceiptHandle=got["ReceiptHandle"])
        fifo.send("after the delete", MessageGroupId="g", MessageDeduplicationId="id")
        assert fifo.counts() == (0, 0, 0)

    def test_by_content(self, by_content):
        first = by_content.send("same", MessageGroupId="g")
        assert by_content.send("same", MessageGroupId="g")["MessageId"] == first["MessageId"]
        assert by_content.send("same", MessageGroupId="g", MessageDeduplicationId="id")["MessageId"] != first["MessageId"]
        assert by_content.counts() == (2, 0, 0)

    def test_within_a_group(self, make_queue):
        queue = make_queue(
            suffix=".fifo", FifoQueue="true", DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId",
        )
        ids = {queue.send("x", MessageGroupId=group, MessageDeduplicationId="id")["MessageId"] for group in "ghg"}
        assert len(ids) == 2 and queue.counts() == (2, 0, 0)

    def test_survives_kill_9(self, connect, own_server, make_queue):
        queue = make_queue(connect(own_server), suffix=".fifo", FifoQueue="true")
        sent = queue.send_message_batch(Entries=[entry(1, "one"), entry(2, "two"), entry(3, "three")])["Successful"]
        held = queue.receive_one(MaxNumberOfMessages=1, VisibilityTimeout=1000)
        own_server.restart()
        again = queue.send_message_batch(Entries=[entry(1, "one"), entry(2, "two"), entry(4, "four")])["Successful"]
        assert [r["MessageId"] for r in again[:2]] == [r["MessageId"] for r in sent[:2]]
        assert again[2]["SequenceNumber"] > sent[2]["SequenceNumber"]
        assert queue.receive() == []
        queue.delete_message(ReceiptHandle=held["ReceiptHandle"])
        assert bodies(queue.receive()) == ["two", "three", "four"]


def test_receive_request_attempt_id(by_content):
    for body in ("one", "two"):
        by_content.send(body, MessageGroupId="g")
    first, again = (by_content.receive(ReceiveRequestAttemptId="attempt") for _ in range(2))
    assert bodies(first) == bodies(again) == ["one", "two"]
    assert [m["ReceiptHandle"] for m in first] == [m["ReceiptHandle"] for m in again]
    assert by_content.receive(ReceiveRequestAttemptId="another") == []


def test_refused(fifo, sqs, refused):
    refused("MissingParameter", 400, "MessageGroupId", fifo.send)
    refused("InvalidParameterValue", 400, "ContentBasedDeduplication", fifo.send, MessageGroupId="g")
    refused("InvalidParameterValue", 400, "MessageGroupId", fifo.send, MessageGroupId="a b", MessageDeduplicationId="x")
    refused("InvalidParameterValue", 400, ".fifo", sqs.create_queue, QueueName="no-suffix", Attributes={"FifoQueue": "true"})
    # One entry without a group or an id refuses its whole batch.
    for bare, text in (({"MessageGroupId": "g"}, "ContentBasedDeduplication"), ({"MessageDeduplicationId": "x"}, "MessageGroupId")):
        refused(
            "InvalidParameterValue", 400, text, fifo.send_message_batch,
            Entries=[{"Id": "bare", "MessageBody": "x", **bare}, entry("good", "x")],
        )
    assert fifo.counts() == (0, 0, 0)


def test_expired_handle(by_content, refused):
    by_content.send("x", MessageGroupId="g")
    old = by_content.receive_one(VisibilityTimeout=1)
    new = by_content.receive_one(WaitTimeSeconds=20)
    refused("InvalidParameterValue", 400, "The receipt handle has expired", by_content.delete_message, ReceiptHandle=old["ReceiptHandle"])
    by_content.delete_message(ReceiptHandle=new["ReceiptHandle"])
    assert by_content.counts() == (0, 0, 0)
