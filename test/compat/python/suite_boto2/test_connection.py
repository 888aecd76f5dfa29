"""Each method of SQSConnection that this version's actions serve."""

import json

import pytest

from boto.exception import SQSError
from boto.sqs.attributes import Attributes
from boto.sqs.batchresults import BatchResults
from boto.sqs.message import Message, RawMessage
from boto.sqs.queue import Queue

from support.values import FORBIDDEN_BODIES, HOSTILE_BODIES, attributes_md5, body_md5, unique_name

NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"


def missing(conn, queue):
    return Queue(conn, queue.url + "-never-made")


class TestQueues:
    def test_create_queue(self, conn, server, queue_name, refused):
        queue = conn.create_queue(queue_name, 60)
        assert isinstance(queue, Queue)
        assert queue.url == f"{server.url}/000000000000/{queue_name}"
        assert queue.id == f"/000000000000/{queue_name}"
        assert queue.name == queue_name
        assert queue.arn == f"arn:aws:sqs:us-east-1:000000000000:{queue_name}"
        assert queue.get_attributes()["QueueArn"] == queue.arn
        assert queue.message_class is Message
        assert queue.get_timeout() == 60
        assert conn.create_queue(queue_name).url == queue.url
        assert conn.create_queue(queue_name, 60).url == queue.url
        refused("QueueAlreadyExists", 400, "attribute VisibilityTimeout", conn.create_queue, queue_name, 61)

    @pytest.mark.parametrize("name", ["bad*queue*name", "a b", "café", "x" * 81, ""])
    def test_create_queue_with_a_bad_name(self, conn, name, refused):
        with pytest.raises(SQSError) as caught:
            conn.create_queue(name)
        assert caught.value.status == 400

    def test_create_queue_with_a_bad_timeout(self, conn, queue_name, refused):
        refused("InvalidAttributeValue", 400, "VisibilityTimeout", conn.create_queue, queue_name, 43201)

    @pytest.mark.parametrize("method", ["get_queue", "lookup"])
    def test_get_queue_and_lookup(self, conn, queue, method):
        found = getattr(conn, method)(queue.name)
        assert isinstance(found, Queue) and found.url == queue.url
        assert getattr(conn, method)(queue.name, owner_acct_id="000000000000").url == queue.url
        assert getattr(conn, method)("never-made") is None

    def test_get_all_queues(self, conn):
        prefix = unique_name("list")
        names = [f"{prefix}-{i}" for i in range(12)]
        for name in names:
            conn.create_queue(name)
        assert [queue.name for queue in conn.get_all_queues(prefix)] == sorted(names)
        assert [queue.name for queue in conn.get_all_queues(prefix=prefix + "-11")] == [prefix + "-11"]
        assert conn.get_all_queues("never-made") == []
        assert {prefix + "-0", prefix + "-1"} <= {queue.name for queue in conn.get_all_queues()}

    def test_delete_queue(self, conn, queue, refused):
        assert conn.delete_queue(queue) is True
        assert conn.lookup(queue.name) is None
        refused(NO_QUEUE, 400, "does not exist for this wsdl version", conn.delete_queue, queue)
        again = conn.create_queue(queue.name)
        assert conn.delete_queue(again, force_deletion=True) is True

    def test_purge_queue(self, conn, queue, counts):
        for body in ("a", "b", "c"):
            conn.send_message(queue, body)
        conn.send_message(queue, "later", delay_seconds=900)
        conn.receive_message(queue)
        assert counts(queue) == (2, 1, 1)
        assert conn.purge_queue(queue) is True
        assert counts(queue) == (0, 0, 0)

    def test_purge_and_recreate_wait_60_seconds(self, connect, strict_server, queue_name, refused):
        conn = connect(strict_server)
        queue = conn.create_queue(queue_name)
        assert conn.purge_queue(queue) is True
        refused(
            "AWS.SimpleQueueService.PurgeQueueInProgress", 403,
            f"Only one PurgeQueue operation on {queue_name} is allowed every 60 seconds.", conn.purge_queue, queue,
        )
        conn.delete_queue(queue)
        refused("AWS.SimpleQueueService.QueueDeletedRecently", 400, "60 seconds", conn.create_queue, queue_name)


class TestAttributes:
    def test_get_queue_attributes(self, conn, queue):
        everything = conn.get_queue_attributes(queue)
        assert isinstance(everything, Attributes)
        assert set(everything) == {
            "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
            "CreatedTimestamp", "DelaySeconds", "LastModifiedTimestamp", "MaximumMessageSize", "MessageRetentionPeriod",
            "QueueArn", "ReceiveMessageWaitTimeSeconds", "SqsManagedSseEnabled", "VisibilityTimeout",
        }
        assert all(isinstance(value, str) for value in everything.values())
        for name, value in everything.items():
            assert dict(conn.get_queue_attributes(queue, name)) == {name: value}
        assert conn.get_queue_attributes(queue, "Policy") == {}

    def test_get_an_unknown_attribute(self, conn, queue, refused):
        refused("InvalidAttributeName", 400, "Unknown Attribute Foobar.", conn.get_queue_attributes, queue, "Foobar")

    @pytest.mark.parametrize("name, value", [
        ("DelaySeconds", 900), ("MaximumMessageSize", 1024), ("MaximumMessageSize", 262144), ("MessageRetentionPeriod", 60),
        ("MessageRetentionPeriod", 1209600), ("ReceiveMessageWaitTimeSeconds", 20), ("VisibilityTimeout", 0),
        ("VisibilityTimeout", 43200),
    ])
    def test_set_queue_attribute(self, conn, queue, name, value):
        assert conn.set_queue_attribute(queue, name, value) is True
        assert conn.get_queue_attributes(queue, name)[name] == str(value)

    def test_set_policy(self, conn, queue):
        policy = json.dumps({
            "Version": "2008-10-17", "Id": "/123456789012/testQueue/SQSDefaultPolicy",
            "Statement": [{
                "Sid": "Queue1ReceiveMessage", "Effect": "Allow", "Principal": {"AWS": "*"},
                "Action": "SQS:ReceiveMessage", "Resource": queue.arn, "Condition": {"StringLike": {"x": "a+b/c=&é\""}},
            }],
        })
        assert conn.set_queue_attribute(queue, "Policy", policy) is True
        assert json.loads(conn.get_queue_attributes(queue, "Policy")["Policy"]) == json.loads(policy)
        conn.set_queue_attribute(queue, "Policy", "")
        assert conn.get_queue_attributes(queue, "Policy") == {}

    @pytest.mark.parametrize("name, value, code", [
        ("DelaySeconds", 901, "InvalidAttributeValue"), ("DelaySeconds", -1, "InvalidAttributeValue"),
        ("VisibilityTimeout", "abc", "InvalidAttributeValue"), ("Foobar", 1, "InvalidAttributeName"),
        ("QueueArn", "x", "InvalidAttributeName"), ("ApproximateNumberOfMessages", 1, "InvalidAttributeName"),
    ])
    def test_set_queue_attribute_refused(self, conn, queue, refused, name, value, code):
        refused(code, 400, name, conn.set_queue_attribute, queue, name, value)

    def test_attributes_of_a_missing_queue(self, conn, queue, refused):
        refused(NO_QUEUE, 400, "does not exist", conn.get_queue_attributes, missing(conn, queue))
        refused(NO_QUEUE, 400, "does not exist", conn.set_queue_attribute, missing(conn, queue), "DelaySeconds", 1)


class TestMessages:
    def test_send_and_receive(self, conn, queue):
        sent = conn.send_message(queue, "hello")
        assert sent.MD5OfMessageBody == body_md5("hello")
        queue.set_message_class(RawMessage)
        (got,) = conn.receive_message(queue, attributes="All")
        assert isinstance(got, RawMessage)
        assert (got.id, got.get_body(), got.md5) == (sent.id, "hello", body_md5("hello"))
        assert set(got.attributes) == {
            "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
        }
        assert got.attributes["ApproximateReceiveCount"] == "1"
        assert got.receipt_handle

    @pytest.mark.parametrize("label", HOSTILE_BODIES)
    def test_bodies_come_back_unchanged(self, conn, queue, label):
        body = HOSTILE_BODIES[label]
        sent = conn.send_message(queue, body)
        assert sent.MD5OfMessageBody == body_md5(body)
        queue.set_message_class(RawMessage)
        (got,) = conn.receive_message(queue)
        assert got.get_body() == body
        assert got.md5 == body_md5(body)

    @pytest.mark.parametrize("label", FORBIDDEN_BODIES)
    def test_forbidden_bodies(self, conn, queue, refused, label):
        refused("InvalidMessageContents", 400, "Invalid characters", conn.send_message, queue, FORBIDDEN_BODIES[label])

    def test_a_body_of_1_mib(self, conn, queue, refused):
        body = "é%" * (1048576 // 3)
        conn.send_message(queue, body)
        queue.set_message_class(RawMessage)
        assert conn.receive_message(queue)[0].get_body() == body
        refused(
            "InvalidParameterValue", 400, "Message must be shorter than 1048576 bytes.",
            conn.send_message, queue, "x" * 1048577,
        )

    def test_message_attributes(self, conn, queue):
        sent = conn.send_message(queue, "x", message_attributes={
            "name1": {"data_type": "Number", "string_value": "1"},
            "name2": {"data_type": "String", "string_value": "Bob & <Jo>\r\n☃"},
            "name3": {"data_type": "Binary.gif", "binary_value": "AP+A"},
            "other": {"data_type": "String.custom", "string_value": "x"},
        })
        values = {"name1": ("Number", "1"), "name2": ("String", "Bob & <Jo>\r\n☃"), "name3": ("Binary.gif", b"\x00\xff\x80")}
        assert sent.md5_message_attributes == attributes_md5({**values, "other": ("String.custom", "x")})
        (got,) = conn.receive_message(queue, visibility_timeout=0)
        assert got.message_attributes == {}
        (got,) = conn.receive_message(queue, visibility_timeout=0, message_attributes=["name1", "name2", "name3"])
        assert got.message_attributes == {
            "name1": {"data_type": "Number", "string_value": "1"},
            "name2": {"data_type": "String", "string_value": "Bob & <Jo>\r\n☃"},
            "name3": {"data_type": "Binary.gif", "binary_value": "AP+A"},
        }
        assert got.md5_message_attributes == attributes_md5(values)
        (got,) = conn.receive_message(queue, visibility_timeout=0, message_attributes=["name.*"])
        assert set(got.message_attributes) == {"name1", "name2", "name3"}
        for everything in (["All"], [".*"]):
            (got,) = conn.receive_message(queue, visibility_timeout=0, message_attributes=everything)
            assert len(got.message_attributes) == 4

    def test_binary_that_is_not_base64_is_refused(self, conn, queue, refused):
        refused("InvalidParameterValue", 400, "", conn.send_message, queue, "x", message_attributes={
            "b": {"data_type": "Binary", "binary_value": "not base64!"},
        })

    @pytest.mark.parametrize("attribute", [
        {"data_type": "Foo", "string_value": "x"}, {"data_type": "String", "string_value": ""},
        {"data_type": "Number", "string_value": "many"}, {"data_type": "String"},
    ])
    def test_message_attributes_refused(self, conn, queue, refused, counts, attribute):
        refused("InvalidParameterValue", 400, "", conn.send_message, queue, "x", message_attributes={"a": attribute})
        assert counts(queue) == (0, 0, 0)

    def test_delay(self, conn, queue, counts):
        conn.send_message(queue, "later", delay_seconds=1)
        assert conn.receive_message(queue) == []
        assert counts(queue) == (0, 0, 1)
        assert len(conn.receive_message(queue, wait_time_seconds=20)) == 1

    def test_receive_parameters(self, conn, queue, refused):
        for i in range(12):
            conn.send_message(queue, "%d" % i)
        assert len(conn.receive_message(queue)) == 1
        assert len(conn.receive_message(queue, number_messages=10, visibility_timeout=0)) == 10
        (got,) = conn.receive_message(queue, attributes=["ApproximateReceiveCount", "SentTimestamp"])
        assert set(got.attributes) == {"ApproximateReceiveCount", "SentTimestamp"}
        (got,) = conn.receive_message(queue)
        assert got.attributes == {}
        for arguments in ({"number_messages": 11}, {"number_messages": 0}, {"wait_time_seconds": 21}, {"visibility_timeout": 43201},
                          {"visibility_timeout": -1}, {"wait_time_seconds": -1}):
            refused("InvalidParameterValue", 400, "", conn.receive_message, queue, **arguments)
        refused(NO_QUEUE, 400, "does not exist", conn.receive_message, missing(conn, queue))

    def test_long_poll_is_woken_by_a_send(self, conn, queue, connect, proxy):
        sender = proxy.then(lambda: conn.send_message(queue, "d2FrZQ=="))
        (got,) = connect(proxy).receive_message(queue, wait_time_seconds=20)
        sender.join()
        assert got.get_body() == "wake"

    def test_long_poll_ends_empty(self, conn, queue):
        assert conn.receive_message(queue, wait_time_seconds=1) == []

    def test_delete_message(self, conn, queue, counts, refused):
        conn.send_message(queue, "x")
        (got,) = conn.receive_message(queue)
        assert conn.delete_message(queue, got) is True
        assert conn.delete_message(queue, got) is True
        assert counts(queue) == (0, 0, 0)
        refused("ReceiptHandleIsInvalid", 404, "", conn.delete_message, queue, Message(queue))  # sends the text None

    def test_delete_message_from_handle(self, conn, queue, counts, refused):
        conn.send_message(queue, "x")
        (got,) = conn.receive_message(queue)
        assert conn.delete_message_from_handle(queue, got.receipt_handle) is True
        assert counts(queue) == (0, 0, 0)
        refused(
            "ReceiptHandleIsInvalid", 404, 'The input receipt handle "gar+b/age=&" is not a valid receipt handle.',
            conn.delete_message_from_handle, queue, "gar+b/age=&",
        )
        refused("MissingParameter", 400, "ReceiptHandle", conn.delete_message_from_handle, queue, "")

    def test_a_handle_of_another_queue(self, conn, queue, refused):
        conn.send_message(queue, "x")
        (got,) = conn.receive_message(queue)
        other = conn.create_queue(unique_name("other"))
        refused("ReceiptHandleIsInvalid", 404, "is not valid for this queue.", conn.delete_message, other, got)

    def test_change_message_visibility(self, conn, queue, counts, refused):
        conn.send_message(queue, "x")
        (first,) = conn.receive_message(queue)
        assert conn.change_message_visibility(queue, first.receipt_handle, 0) is True
        (second,) = conn.receive_message(queue, attributes="ApproximateReceiveCount")
        assert second.attributes["ApproximateReceiveCount"] == "2"
        assert second.receipt_handle != first.receipt_handle
        assert conn.change_message_visibility(queue, second.receipt_handle, 1) is True
        assert len(conn.receive_message(queue, wait_time_seconds=20)) == 1
        refused("InvalidParameterValue", 400, "VisibilityTimeout", conn.change_message_visibility, queue, second.receipt_handle, 43201)
        refused("ReceiptHandleIsInvalid", 404, "", conn.change_message_visibility, queue, "garbage", 1)
        conn.delete_message(queue, second)
        refused(
            "InvalidParameterValue", 400, "Message does not exist or is not available for visibility timeout change.",
            conn.change_message_visibility, queue, second.receipt_handle, 1,
        )


class TestBatches:
    def test_send_message_batch(self, conn, queue):
        result = conn.send_message_batch(queue, [
            ("a", "one", 0),
            (2, "two\r\n", 0, {"n": {"data_type": "Number", "string_value": "2"}, "a": {"data_type": "String", "string_value": "z"}}),
            ("c", "three", 900),
        ])
        assert isinstance(result, BatchResults)
        assert [r["id"] for r in result.results] == ["a", "2", "c"]
        assert [r["message_md5"] for r in result.results] == [body_md5("one"), body_md5("two\r\n"), body_md5("three")]
        assert result.errors == []
        queue.set_message_class(RawMessage)
        got = conn.receive_message(queue, number_messages=10, message_attributes=["All"])
        assert sorted((m.id, m.get_body()) for m in got) == sorted(
            [(result.results[0]["message_id"], "one"), (result.results[1]["message_id"], "two\r\n")]
        )
        two = [m for m in got if m.message_attributes][0]
        assert two.message_attributes["n"] == {"data_type": "Number", "string_value": "2"}

    def test_send_message_batch_partly(self, conn, queue, counts):
        result = conn.send_message_batch(queue, [("good", "x", 0), ("nul", "a\x00", 0), ("late", "x", 901)])
        assert [r["id"] for r in result.results] == ["good"]
        errors = {e["id"]: e for e in result.errors}
        assert errors["nul"]["error_code"] == "InvalidMessageContents"
        assert errors["late"]["error_code"] == "InvalidParameterValue"
        assert all(e["sender_fault"] == "true" and e["error_message"] for e in result.errors)
        assert counts(queue) == (1, 0, 0)

    @pytest.mark.parametrize("code, entries", [
        ("EmptyBatchRequest", []),
        ("TooManyEntriesInBatchRequest", [(i, "x", 0) for i in range(11)]),
        ("BatchEntryIdsNotDistinct", [("a", "x", 0), ("a", "y", 0)]),
        ("InvalidBatchEntryId", [("a b", "x", 0)]),
        ("BatchRequestTooLong", [("a", "x" * 600000, 0), ("b", "x" * 600000, 0)]),
    ])
    def test_send_message_batch_refused(self, conn, queue, refused, counts, code, entries):
        refused("AWS.SimpleQueueService." + code, 400, "", conn.send_message_batch, queue, entries)
        assert counts(queue) == (0, 0, 0)

    def test_delete_message_batch(self, conn, queue, counts):
        conn.send_message_batch(queue, [(i, "x", 0) for i in range(3)])
        got = conn.receive_message(queue, number_messages=10)
        bad = Message(queue)
        bad.id, bad.receipt_handle = "bad", "garbage"
        result = conn.delete_message_batch(queue, got[:2] + [bad])
        assert sorted(r["id"] for r in result.results) == sorted(m.id for m in got[:2])
        (error,) = result.errors
        assert (error["id"], error["error_code"], error["sender_fault"]) == ("bad", "ReceiptHandleIsInvalid", "true")
        assert counts(queue) == (0, 1, 0)

    def test_change_message_visibility_batch(self, conn, queue, counts):
        conn.send_message_batch(queue, [(i, "x", 0) for i in range(3)])
        got = conn.receive_message(queue, number_messages=10)
        bad = Message(queue)
        bad.id, bad.receipt_handle = "bad", "garbage"
        result = conn.change_message_visibility_batch(queue, [(got[0], 0), (got[1], 0), (bad, 0), (got[2], 43201)])
        assert isinstance(result, BatchResults)  # boto parses no successes of this action: .results is always empty
        assert sorted((e["id"], e["error_code"]) for e in result.errors) == sorted(
            [("bad", "ReceiptHandleIsInvalid"), (got[2].id, "InvalidParameterValue")]
        )
        assert counts(queue) == (2, 1, 0)
