"""Messages: what goes in comes out, and when."""

import time

import pytest

from support.values import FORBIDDEN_BODIES, HOSTILE_BODIES, attributes_md5, body_md5

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
EVERY_BYTE = bytes(range(256))


class TestBodies:
    @pytest.mark.parametrize("label", HOSTILE_BODIES)
    def test_unchanged(self, queue, label):
        body = HOSTILE_BODIES[label]
        sent = queue.send(body)
        assert sent["MD5OfMessageBody"] == body_md5(body)
        assert "MD5OfMessageAttributes" not in sent and "SequenceNumber" not in sent
        got = queue.receive_one()
        assert (got["MessageId"], got["Body"], got["MD5OfBody"]) == (sent["MessageId"], body, body_md5(body))

    @pytest.mark.parametrize("label", FORBIDDEN_BODIES)
    def test_forbidden(self, queue, refused, label):
        refused(
            "InvalidMessageContents", 400, "Invalid characters found.",
            queue.send, FORBIDDEN_BODIES[label], exception="InvalidMessageContents",
        )
        assert queue.counts() == (0, 0, 0)

    def test_empty(self, queue, refused):
        refused("MissingParameter", 400, "The request must contain the parameter MessageBody.", queue.send, "")

    def test_size(self, make_queue, refused):
        queue = make_queue(MaximumMessageSize="1024")
        queue.send("☃" * 341 + "x")
        refused(
            "InvalidParameterValue", 400, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
            queue.send, "☃" * 341 + "xx",
        )
        full = make_queue()
        full.send("%" * 1048576)
        assert full.receive_one()["Body"] == "%" * 1048576
        refused("InvalidParameterValue", 400, "shorter than 1048576 bytes.", full.send, "x" * 1048577)


class TestMessageAttributes:
    ATTRIBUTES = {
        "text": {"DataType": "String", "StringValue": "<a>&\"'\r\n\t ☃ 😀"},
        "n": {"DataType": "Number.int", "StringValue": "-42"},
        "blob": {"DataType": "Binary.gif", "BinaryValue": EVERY_BYTE},
        "A.b-c_1": {"DataType": "String.json", "StringValue": "{}"},
    }
    VALUES = {name: (a["DataType"], a.get("StringValue", a.get("BinaryValue"))) for name, a in ATTRIBUTES.items()}

    def test_round_trip(self, queue):
        sent = queue.send(MessageAttributes=self.ATTRIBUTES)
        assert sent["MD5OfMessageAttributes"] == attributes_md5(self.VALUES)
        got = queue.receive_one()
        assert got["MessageAttributes"] == self.ATTRIBUTES
        assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]

    @pytest.mark.parametrize("ask, names", [
        ([], set()), (["All"], {"text", "n", "blob", "A.b-c_1"}), ([".*"], {"text", "n", "blob", "A.b-c_1"}),
        (["n"], {"n"}), (["A.*", "b.*"], {"A.b-c_1", "blob"}), (["N"], set()), (["never"], set()),
    ])
    def test_filter(self, queue, ask, names):
        queue.send(MessageAttributes=self.ATTRIBUTES)
        got = queue.receive_one(MessageAttributeNames=ask)
        assert set(got.get("MessageAttributes", {})) == names
        assert got.get("MD5OfMessageAttributes") == (attributes_md5({n: self.VALUES[n] for n in names}) if names else None)

    @pytest.mark.parametrize("name, attribute, text", [
        ("a", {"DataType": "Foo", "StringValue": "x"}, "The type of message (user) attribute 'a' is invalid."),
        ("a", {"DataType": "string", "StringValue": "x"}, "The type of message (user) attribute 'a' is invalid."),
        ("a", {"DataType": "String", "StringValue": ""}, "must contain a non-empty value of type 'String'"),
        ("a", {"DataType": "Binary", "BinaryValue": b""}, "must contain a non-empty value of type 'Binary'"),
        ("a", {"DataType": "Number", "StringValue": "many"}, "number"),
        ("a", {"DataType": "String", "StringValue": "a\x01b"}, ""),
        ("AWS.a", {"DataType": "String", "StringValue": "x"}, "reserved"),
        ("a!", {"DataType": "String", "StringValue": "x"}, ""),
    ])
    def test_refused(self, queue, refused, name, attribute, text):
        refused("InvalidParameterValue", 400, text, queue.send, MessageAttributes={name: attribute})

    def test_eleven(self, queue, refused):
        attributes = {f"n{i}": {"DataType": "String", "StringValue": "x"} for i in range(11)}
        refused("InvalidParameterValue", 400, "Number of message attributes [11] exceeds the allowed maximum [10].", queue.send, MessageAttributes=attributes)


class TestSystemAttributes:
    def test_trace_header(self, queue):
        sent = queue.send(MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": TRACE}})
        assert sent["MD5OfMessageSystemAttributes"] == "5ae4d5d7636402d80f4eb6d213245a88"  # recorded from AWS
        assert queue.receive_one()["Attributes"]["AWSTraceHeader"] == TRACE

    def test_what_a_receive_tells(self, queue):
        queue.send()
        first = queue.receive_one(VisibilityTimeout=0)["Attributes"]
        assert set(first) == {"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"}
        assert abs(int(first["SentTimestamp"]) / 1000 - time.time()) < 3600
        assert first["ApproximateReceiveCount"] == "1"
        second = queue.receive_one(VisibilityTimeout=0, AttributeNames=["ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"])["Attributes"]
        assert second == {"ApproximateReceiveCount": "2", "ApproximateFirstReceiveTimestamp": first["ApproximateFirstReceiveTimestamp"]}
        assert "Attributes" not in queue.receive_one(AttributeNames=[])

    def test_the_newer_name(self, queue, protocol):
        if "MessageSystemAttributeNames" not in queue.client.meta.service_model.operation_model("ReceiveMessage").input_shape.members:
            assert protocol == "query"  # the botocore of early 2023 has only AttributeNames
            return
        queue.send()
        got = queue.receive_one(AttributeNames=["SentTimestamp"], MessageSystemAttributeNames=["SenderId"])
        assert set(got["Attributes"]) == {"SentTimestamp", "SenderId"}

    def test_refused(self, queue, refused, protocol):
        refused("InvalidParameterValue", 400, "", queue.send, MessageSystemAttributes={"SenderId": {"DataType": "String", "StringValue": "x"}})


class TestDelivery:
    def test_visibility(self, queue):
        queue.send()
        first = queue.receive_one(VisibilityTimeout=1)
        assert queue.receive() == [] and queue.counts() == (0, 1, 0)
        second = queue.receive_one(WaitTimeSeconds=20)
        assert second["Attributes"]["ApproximateReceiveCount"] == "2"
        assert second["ReceiptHandle"] != first["ReceiptHandle"]
        queue.hide(second, 0)
        assert queue.counts() == (1, 0, 0)
        third = queue.receive_one()
        queue.hide(third, 1)
        queue.receive_one(WaitTimeSeconds=20)

    def test_oldest_first(self, queue):
        for body in "abc":
            queue.send(body)
        first = queue.receive_one(MaxNumberOfMessages=1)
        queue.hide(first, 0)
        assert [m["Body"] for m in queue.receive()] == ["a", "b", "c"]

    def test_delay(self, make_queue):
        queue = make_queue(DelaySeconds="900")
        queue.send("late")
        assert queue.counts() == (0, 0, 1)
        queue.send("now", DelaySeconds=0)  # not the queue's
        assert queue.receive_one()["Body"] == "now"
        queue.send("soon", DelaySeconds=1)
        assert queue.receive_one(WaitTimeSeconds=20)["Body"] == "soon"

    def test_delete(self, queue):
        queue.send()
        got = queue.receive_one()
        queue.delete_message(ReceiptHandle=got["ReceiptHandle"])
        queue.delete_message(ReceiptHandle=got["ReceiptHandle"])
        assert queue.counts() == (0, 0, 0)

    def test_long_poll_is_woken_by_a_send(self, queue, connect, proxy, make_queue):
        poller = make_queue(connect(proxy), queue.name)
        sender = proxy.then(lambda: queue.send("wake"))
        got = poller.receive_one(WaitTimeSeconds=20)
        sender.join()
        assert got["Body"] == "wake"

    def test_long_poll_is_woken_by_a_message_that_comes_back(self, queue, connect, proxy, make_queue):
        queue.send()
        held = queue.receive_one(VisibilityTimeout=1000)
        poller = make_queue(connect(proxy), queue.name)
        back = proxy.then(lambda: queue.hide(held, 0))
        poller.receive_one(WaitTimeSeconds=20)
        back.join()

    def test_long_poll_of_the_queue(self, make_queue):
        queue = make_queue(ReceiveMessageWaitTimeSeconds="1")
        start = time.monotonic()
        assert queue.receive() == []
        assert time.monotonic() - start >= 0.9
        assert queue.receive(WaitTimeSeconds=0) == []

    @pytest.mark.parametrize("arguments, text", [
        ({"MaxNumberOfMessages": 0}, "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
        ({"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
        ({"WaitTimeSeconds": -1}, "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
        ({"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
        ({"VisibilityTimeout": 43201}, "VisibilityTimeout"),
    ])
    def test_receive_refused(self, queue, refused, arguments, text):
        refused("InvalidParameterValue", 400, text, queue.receive, **arguments)

    @pytest.mark.parametrize("seconds", [-1, 901])
    def test_delay_refused(self, queue, refused, seconds):
        refused("InvalidParameterValue", 400, "DelaySeconds must be >= 0 and <= 900.", queue.send, DelaySeconds=seconds)


class TestHandles:
    GARBAGE = 'gar+b/age="<&'

    def test_never_issued(self, queue, refused):
        text = f'The input receipt handle "{self.GARBAGE}" is not a valid receipt handle.'
        refused("ReceiptHandleIsInvalid", 404, text, queue.delete_message, ReceiptHandle=self.GARBAGE, exception="ReceiptHandleIsInvalid")
        refused(
            "ReceiptHandleIsInvalid", 404, text,
            queue.change_message_visibility, ReceiptHandle=self.GARBAGE, VisibilityTimeout=1, exception="ReceiptHandleIsInvalid",
        )

    def test_of_another_queue(self, make_queue, refused):
        one, other = make_queue(), make_queue()
        one.send()
        handle = one.receive_one()["ReceiptHandle"]
        refused("ReceiptHandleIsInvalid", 404, "is not valid for this queue.", other.delete_message, ReceiptHandle=handle, exception="ReceiptHandleIsInvalid")

    def test_of_a_deleted_message(self, queue, refused):
        queue.send()
        handle = queue.receive_one()["ReceiptHandle"]
        queue.delete_message(ReceiptHandle=handle)
        refused(
            "InvalidParameterValue", 400, "Message does not exist or is not available for visibility timeout change.",
            queue.change_message_visibility, ReceiptHandle=handle, VisibilityTimeout=1,
        )

    def test_missing(self, queue, refused):
        refused("MissingParameter", 400, "The request must contain the parameter ReceiptHandle.", queue.delete_message, ReceiptHandle="")

    def test_beyond_the_limit(self, queue, refused):
        queue.send()
        handle = queue.receive_one()["ReceiptHandle"]
        refused("InvalidParameterValue", 400, "VisibilityTimeout", queue.change_message_visibility, ReceiptHandle=handle, VisibilityTimeout=43201)

    def test_unknown_queue_comes_first(self, queue, no_queue):
        url = queue.url + "-never-made"
        no_queue(queue.delete_message, QueueUrl=url, ReceiptHandle="garbage")
        no_queue(queue.send, QueueUrl=url)
        no_queue(queue.change_message_visibility, QueueUrl=url, ReceiptHandle="garbage", VisibilityTimeout=1)
        no_queue(queue.purge_queue, QueueUrl=url)
        no_queue(queue.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
        no_queue(queue.send_message_batch, QueueUrl=url, Entries=[])
