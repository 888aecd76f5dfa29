"""Batches: partly answered, wholly refused."""

import pytest

from support.values import HOSTILE_BODIES, attributes_md5, body_md5

SERVICE = "AWS.SimpleQueueService."


def entries(count, body="x"):
    return [{"Id": str(i), "MessageBody": body} for i in range(count)]


class TestSend:
    def test_ten(self, queue):
        bodies = dict(zip("abcdefghij", HOSTILE_BODIES.values()))
        attributes = {"n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
        out = queue.send_message_batch(Entries=[{"Id": i, "MessageBody": b, "MessageAttributes": attributes} for i, b in bodies.items()])
        assert "Failed" not in out
        assert [r["Id"] for r in out["Successful"]] == list(bodies)
        for result in out["Successful"]:
            assert result["MD5OfMessageBody"] == body_md5(bodies[result["Id"]])
            assert result["MD5OfMessageAttributes"] == attributes_md5({"n": ("Number", "1"), "b": ("Binary", b"\x00\xff")})
        got = queue.receive()
        assert {m["MessageId"]: m["Body"] for m in got} == {r["MessageId"]: bodies[r["Id"]] for r in out["Successful"]}
        assert all(m["MessageAttributes"] == attributes for m in got)

    def test_partly(self, make_queue):
        queue = make_queue(MaximumMessageSize="1024")
        out = queue.send_message_batch(Entries=[
            {"Id": "good", "MessageBody": "x"},
            {"Id": "nul", "MessageBody": "a\x00b"},
            {"Id": "large", "MessageBody": "x" * 1025},
            {"Id": "late", "MessageBody": "x", "DelaySeconds": 901},
            {"Id": "type", "MessageBody": "x", "MessageAttributes": {"a": {"DataType": "Foo", "StringValue": "x"}}},
            {"Id": "delayed", "MessageBody": "x", "DelaySeconds": 900},
        ])
        assert [r["Id"] for r in out["Successful"]] == ["good", "delayed"]
        assert {f["Id"]: (f["Code"], f["SenderFault"]) for f in out["Failed"]} == {
            "nul": ("InvalidMessageContents", True), "large": ("InvalidParameterValue", True),
            "late": ("InvalidParameterValue", True), "type": ("InvalidParameterValue", True),
        }
        large = [f for f in out["Failed"] if f["Id"] == "large"][0]
        assert large["Message"] == "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."
        assert queue.counts() == (1, 0, 1)

    def test_all_fail(self, queue):
        out = queue.send_message_batch(Entries=entries(2, "\x00"))
        assert "Successful" not in out and len(out["Failed"]) == 2

    @pytest.mark.parametrize("code, batch, text", [
        ("EmptyBatchRequest", [], "There should be at least one SendMessageBatchRequestEntry in the request."),
        ("TooManyEntriesInBatchRequest", entries(11), "Maximum number of entries per request are 10. You have sent 11."),
        ("BatchEntryIdsNotDistinct", entries(2) + entries(1), "Id 0 repeated."),
        ("InvalidBatchEntryId", [{"Id": "a b", "MessageBody": "x"}], "A batch entry id can only contain"),
        ("InvalidBatchEntryId", [{"Id": "x" * 81, "MessageBody": "x"}], "A batch entry id can only contain"),
        ("BatchRequestTooLong", entries(10, "x" * 110000), "Batch requests cannot be longer than 1048576 bytes. You have sent 1100000 bytes."),
    ])
    def test_refused(self, queue, refused, code, batch, text):
        refused(SERVICE + code, 400, text, queue.send_message_batch, Entries=batch, exception=code)
        assert queue.counts() == (0, 0, 0)


class TestDelete:
    def test_partly(self, queue):
        queue.send_message_batch(Entries=entries(3))
        one, two, _ = queue.receive()
        out = queue.delete_message_batch(Entries=[
            {"Id": "a", "ReceiptHandle": one["ReceiptHandle"]}, {"Id": "bad", "ReceiptHandle": "garbage"},
            {"Id": "b", "ReceiptHandle": two["ReceiptHandle"]}, {"Id": "same", "ReceiptHandle": one["ReceiptHandle"]},
        ])
        assert [r["Id"] for r in out["Successful"]] == ["a", "b", "same"]
        assert [(f["Id"], f["Code"], f["SenderFault"]) for f in out["Failed"]] == [("bad", "ReceiptHandleIsInvalid", True)]
        assert queue.counts() == (0, 1, 0)

    def test_refused(self, queue, refused):
        refused(
            SERVICE + "EmptyBatchRequest", 400, "There should be at least one DeleteMessageBatchRequestEntry in the request.",
            queue.delete_message_batch, Entries=[], exception="EmptyBatchRequest",
        )
        many = [{"Id": str(i), "ReceiptHandle": "x"} for i in range(11)]
        refused(SERVICE + "TooManyEntriesInBatchRequest", 400, "11", queue.delete_message_batch, Entries=many, exception="TooManyEntriesInBatchRequest")


class TestChangeVisibility:
    def test_partly(self, queue):
        queue.send_message_batch(Entries=entries(3))
        one, two, three = (m["ReceiptHandle"] for m in queue.receive())
        out = queue.change_message_visibility_batch(Entries=[
            {"Id": "a", "ReceiptHandle": one, "VisibilityTimeout": 0}, {"Id": "b", "ReceiptHandle": two, "VisibilityTimeout": 0},
            {"Id": "bad", "ReceiptHandle": "garbage", "VisibilityTimeout": 0},
            {"Id": "range", "ReceiptHandle": three, "VisibilityTimeout": 43201},
        ])
        assert [r["Id"] for r in out["Successful"]] == ["a", "b"]
        assert {f["Id"]: f["Code"] for f in out["Failed"]} == {"bad": "ReceiptHandleIsInvalid", "range": "InvalidParameterValue"}
        assert queue.counts() == (2, 1, 0)

    def test_refused(self, queue, refused):
        refused(
            SERVICE + "EmptyBatchRequest", 400, "There should be at least one ChangeMessageVisibilityBatchRequestEntry in the request.",
            queue.change_message_visibility_batch, Entries=[], exception="EmptyBatchRequest",
        )
