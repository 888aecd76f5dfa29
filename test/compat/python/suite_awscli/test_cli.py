"""Every action from the command line. A call of the CLI takes most of a second, so these tests are few and long."""

import json

import pytest

from support import proxy as faults
from support.values import attributes_md5, body_md5, unique_name

NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"
HOSTILE = "a\r\nb\t<&\"'> ]]> %41 + café ☃ 😀 \\n"


def test_queues(aws, server, refused):
    prefix = unique_name("cli")
    urls = [aws("create-queue", queue_name=f"{prefix}-{i}", attributes={"DelaySeconds": "1"})["QueueUrl"] for i in range(3)]
    assert urls[0] == f"{server.url}/000000000000/{prefix}-0"
    assert aws("get-queue-url", queue_name=f"{prefix}-1") == {"QueueUrl": urls[1]}
    assert aws("list-queues", queue_name_prefix=prefix) == {"QueueUrls": urls}
    assert aws("list-queues", queue_name_prefix=prefix, page_size="2") == {"QueueUrls": urls}
    first = aws("list-queues", queue_name_prefix=prefix, max_items="2")
    assert first["QueueUrls"] == urls[:2]
    rest = aws("list-queues", queue_name_prefix=prefix, starting_token=first["NextToken"])
    assert rest["QueueUrls"] == urls[2:]
    aws("delete-queue", queue_url=urls[0])
    assert aws("list-queues", queue_name_prefix=prefix) == {"QueueUrls": urls[1:]}
    refused(NO_QUEUE, "The specified queue does not exist", aws, "get-queue-url", queue_name=f"{prefix}-0")
    refused(NO_QUEUE, "The specified queue does not exist", aws, "delete-queue", queue_url=urls[0])
    refused("QueueAlreadyExists", "DelaySeconds", aws, "create-queue", queue_name=f"{prefix}-1", attributes={"DelaySeconds": "2"})
    refused("InvalidParameterValue", "", aws, "create-queue", queue_name="bad*name")


def test_attributes(aws, url, refused):
    aws("set-queue-attributes", queue_url=url, attributes={"VisibilityTimeout": "45", "ReceiveMessageWaitTimeSeconds": "0"})
    got = aws("get-queue-attributes", "--attribute-names", "VisibilityTimeout", "QueueArn", queue_url=url)
    assert got == {"Attributes": {"VisibilityTimeout": "45", "QueueArn": "arn:aws:sqs:us-east-1:000000000000:" + url.rsplit("/", 1)[1]}}
    assert len(aws("get-queue-attributes", "--attribute-names", "All", queue_url=url)["Attributes"]) == 12
    assert aws("get-queue-attributes", queue_url=url) == {}
    refused("InvalidAttributeValue", "DelaySeconds", aws, "set-queue-attributes", queue_url=url, attributes={"DelaySeconds": "901"})
    refused("InvalidAttributeName", "Unknown Attribute Foobar.", aws, "set-queue-attributes", queue_url=url, attributes={"Foobar": "1"})


def test_messages(aws, url, refused):
    assert aws("receive-message", queue_url=url) == {}
    attributes = {"n": {"DataType": "Number", "StringValue": "3"}, "blob": {"DataType": "Binary", "BinaryValue": "AP+A"}}
    sent = aws("send-message", queue_url=url, message_body=HOSTILE, message_attributes=attributes)
    assert sent["MD5OfMessageBody"] == body_md5(HOSTILE)
    # Version 1 of the CLI takes the text of a blob on the command line as the bytes, version 2 as base64.
    blobs = (b"\x00\xff\x80", b"AP+A")
    assert sent["MD5OfMessageAttributes"] in [attributes_md5({"n": ("Number", "3"), "blob": ("Binary", b)}) for b in blobs]
    (got,) = aws(
        "receive-message", "--attribute-names", "All", "--message-attribute-names", "All", queue_url=url, visibility_timeout="1",
    )["Messages"]
    assert (got["Body"], got["MessageId"], got["MD5OfBody"]) == (HOSTILE, sent["MessageId"], sent["MD5OfMessageBody"])
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert got["Attributes"]["ApproximateReceiveCount"] == "1"
    assert got["MessageAttributes"]["n"] == {"DataType": "Number", "StringValue": "3"}
    (again,) = aws("receive-message", queue_url=url, wait_time_seconds="20", max_number_of_messages="10")["Messages"]
    assert again["MessageId"] == got["MessageId"]
    aws("change-message-visibility", queue_url=url, receipt_handle=again["ReceiptHandle"], visibility_timeout="0")
    (third,) = aws("receive-message", queue_url=url)["Messages"]
    aws("delete-message", queue_url=url, receipt_handle=third["ReceiptHandle"])
    assert aws("receive-message", queue_url=url) == {}
    refused("ReceiptHandleIsInvalid", "not a valid receipt handle", aws, "delete-message", queue_url=url, receipt_handle="garbage")
    refused("InvalidParameterValue", "MaxNumberOfMessages", aws, "receive-message", queue_url=url, max_number_of_messages="11")


def test_batches(aws, url, refused):
    out = aws("send-message-batch", queue_url=url, entries=[
        {"Id": "a", "MessageBody": HOSTILE}, {"Id": "bad", "MessageBody": "\x01"}, {"Id": "b", "MessageBody": "2"},
        {"Id": "late", "MessageBody": "x", "DelaySeconds": 900},
    ])
    assert [r["Id"] for r in out["Successful"]] == ["a", "b", "late"]
    assert [(f["Id"], f["Code"], f["SenderFault"]) for f in out["Failed"]] == [("bad", "InvalidMessageContents", True)]
    one, two = aws("receive-message", queue_url=url, max_number_of_messages="10")["Messages"]
    out = aws("change-message-visibility-batch", queue_url=url, entries=[
        {"Id": "a", "ReceiptHandle": one["ReceiptHandle"], "VisibilityTimeout": 100},
        {"Id": "b", "ReceiptHandle": "garbage", "VisibilityTimeout": 100},
    ])
    assert ([r["Id"] for r in out["Successful"]], [f["Code"] for f in out["Failed"]]) == (["a"], ["ReceiptHandleIsInvalid"])
    out = aws("delete-message-batch", queue_url=url, entries=[
        {"Id": "a", "ReceiptHandle": one["ReceiptHandle"]}, {"Id": "b", "ReceiptHandle": two["ReceiptHandle"]},
        {"Id": "c", "ReceiptHandle": "garbage"},
    ])
    assert ([r["Id"] for r in out["Successful"]], [f["Id"] for f in out["Failed"]]) == (["a", "b"], ["c"])
    refused(
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "Id a repeated.",
        aws, "send-message-batch", queue_url=url, entries=[{"Id": "a", "MessageBody": "x"}] * 2,
    )
    aws("purge-queue", queue_url=url)
    counts = aws("get-queue-attributes", "--attribute-names", "ApproximateNumberOfMessagesDelayed", queue_url=url)
    assert counts == {"Attributes": {"ApproximateNumberOfMessagesDelayed": "0"}}


def test_fifo(aws, connect, own_server, refused):
    aws = connect(own_server)
    url = aws("create-queue", queue_name="q.fifo", attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    first = aws("send-message", queue_url=url, message_body="1", message_group_id="g")
    again = aws("send-message", queue_url=url, message_body="1", message_group_id="h")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    out = aws("send-message-batch", queue_url=url, entries=[
        {"Id": str(n), "MessageBody": str(n), "MessageGroupId": "g", "MessageDeduplicationId": f"id-{n}"} for n in range(2, 8)
    ])
    numbers = [first["SequenceNumber"], *(r["SequenceNumber"] for r in out["Successful"])]
    assert numbers == sorted(set(numbers)) and {len(n) for n in numbers} == {20}
    own_server.restart()
    got = aws(
        "receive-message", "--attribute-names", "All", queue_url=url, max_number_of_messages="5", receive_request_attempt_id="a",
    )["Messages"]
    assert [m["Body"] for m in got] == ["1", "2", "3", "4", "5"]
    assert [m["Attributes"]["SequenceNumber"] for m in got] == numbers[:5]
    assert aws("receive-message", queue_url=url) == {}
    same = aws("receive-message", queue_url=url, max_number_of_messages="5", receive_request_attempt_id="a")["Messages"]
    assert [m["ReceiptHandle"] for m in same] == [m["ReceiptHandle"] for m in got]
    aws("delete-message-batch", queue_url=url, entries=[{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in got])
    rest = aws("receive-message", queue_url=url, max_number_of_messages="10")["Messages"]
    assert [m["Body"] for m in rest] == ["6", "7"]
    refused("MissingParameter", "MessageGroupId", aws, "send-message", queue_url=url, message_body="x")


def test_dead_letters(aws, url, refused):
    name = url.rsplit("/", 1)[1]
    arn = "arn:aws:sqs:us-east-1:000000000000:" + name
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    source = aws("create-queue", queue_name=name + "-source", attributes={"RedrivePolicy": policy, "VisibilityTimeout": "0"})["QueueUrl"]
    assert aws("list-dead-letter-source-queues", queue_url=url) == {"queueUrls": [source]}
    sent = aws("send-message", queue_url=source, message_body=HOSTILE)
    assert len(aws("receive-message", queue_url=source)["Messages"]) == 1
    assert aws("receive-message", queue_url=source) == {}
    (got,) = aws("receive-message", "--attribute-names", "All", queue_url=url)["Messages"]
    assert (got["MessageId"], got["Body"]) == (sent["MessageId"], HOSTILE)
    assert got["Attributes"]["DeadLetterQueueSourceArn"] == arn + "-source"
    assert got["Attributes"]["ApproximateReceiveCount"] == "2"
    aws("change-message-visibility", queue_url=url, receipt_handle=got["ReceiptHandle"], visibility_timeout="0")
    handle = aws("start-message-move-task", source_arn=arn)["TaskHandle"]
    (back,) = aws("receive-message", queue_url=source, wait_time_seconds="20")["Messages"]
    assert back["Body"] == HOSTILE and back["MessageId"] != sent["MessageId"]
    (task,) = aws("list-message-move-tasks", source_arn=arn)["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    refused("InvalidParameterValue", "Only active tasks can be cancelled.", aws, "cancel-message-move-task", task_handle=handle)


def test_tags_and_permissions(aws, url, refused):
    aws("tag-queue", queue_url=url, tags={"team": "Amazonía & <☃>", "empty": "", "gone": "x"})
    aws("untag-queue", "--tag-keys", "gone", queue_url=url)
    assert aws("list-queue-tags", queue_url=url) == {"Tags": {"team": "Amazonía & <☃>", "empty": ""}}
    tagged = aws("create-queue", queue_name=url.rsplit("/", 1)[1] + "-tagged", tags={"a": "b"})["QueueUrl"]
    assert aws("list-queue-tags", queue_url=tagged) == {"Tags": {"a": "b"}}
    aws("add-permission", "--aws-account-ids", "111111111111", "222222222222", "--actions", "SendMessage", "*", queue_url=url, label="l")
    policy = json.loads(aws("get-queue-attributes", "--attribute-names", "Policy", queue_url=url)["Attributes"]["Policy"])
    (statement,) = policy["Statement"]
    assert (statement["Sid"], statement["Action"]) == ("l", ["SQS:SendMessage", "SQS:*"])
    assert statement["Principal"] == {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]}
    aws("remove-permission", queue_url=url, label="l")
    assert aws("get-queue-attributes", "--attribute-names", "Policy", queue_url=url) == {}
    refused("InvalidParameterValue", "l", aws, "remove-permission", queue_url=url, label="l")


def test_long_poll_is_woken_by_a_send(aws, connect, proxy, url):
    sender = proxy.then(lambda: aws("send-message", queue_url=url, message_body="wake"))
    (got,) = connect(proxy)("receive-message", queue_url=url, wait_time_seconds="20")["Messages"]
    sender.join()
    assert got["Body"] == "wake"


@pytest.mark.parametrize("fault, status, stored", [
    (faults.SERVER_ERROR, (254, 255), 0),
    (faults.CUT_BEFORE, (255,), 0),
])
def test_an_unanswered_write_fails(aws, connect, proxy, url, fault, status, stored):
    proxy.always(fault)
    with pytest.raises(Exception) as caught:
        connect(proxy)("send-message", queue_url=url, message_body="lost")
    assert caught.value.status in status
    assert proxy.seen == 2
    assert len(aws("receive-message", queue_url=url).get("Messages", [])) == stored


def test_an_answered_write_is_stored(aws, connect, proxy, url):
    proxy.next(faults.UNAVAILABLE)
    sent = connect(proxy)("send-message", queue_url=url, message_body="kept")
    (got,) = aws("receive-message", queue_url=url)["Messages"]
    assert got["MessageId"] == sent["MessageId"]


def test_kill_9(connect, own_server):
    aws = connect(own_server)
    url = aws("create-queue", queue_name="kept", attributes={"VisibilityTimeout": "1000"})["QueueUrl"]
    aws("send-message", queue_url=url, message_body="one")
    aws("send-message", queue_url=url, message_body="two")
    (held,) = aws("receive-message", queue_url=url)["Messages"]
    own_server.kill()
    with pytest.raises(Exception, match="Could not connect"):
        aws("send-message", queue_url=url, message_body="lost")
    own_server.restart()
    (got,) = aws("receive-message", queue_url=url, max_number_of_messages="10")["Messages"]
    assert {held["Body"], got["Body"]} == {"one", "two"}
    aws("delete-message", queue_url=url, receipt_handle=held["ReceiptHandle"])
