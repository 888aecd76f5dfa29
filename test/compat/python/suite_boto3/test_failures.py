"""A write that was answered is stored; one that was refused is not; one that got no answer is an exception."""

import botocore.exceptions
import pytest

from support import proxy as faults
from support.overload import fill

RETRY = {"retries": {"total_max_attempts": 3, "mode": "standard"}}


@pytest.fixture
def through(connect, proxy, make_queue, monkeypatch):
    """A queue that is talked to through the proxy, without the pauses between retries."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    return make_queue(connect(proxy, **RETRY))


def stored(sqs, through):
    url = sqs.get_queue_url(QueueName=through.name)["QueueUrl"]
    return [m["MessageId"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


@pytest.mark.parametrize("next, least, most", [
    ([faults.PASS], 1, 1),
    ([faults.SERVER_ERROR], 1, 1),
    ([faults.UNAVAILABLE, faults.SERVER_ERROR], 1, 1),
    ([faults.CUT_BEFORE], 1, 1),
    ([faults.CUT_AFTER], 1, 2),
])
def test_an_answered_write_is_stored(sqs, proxy, through, next, least, most):
    proxy.next(*next)
    sent = through.send()["MessageId"]
    got = stored(sqs, through)
    assert least <= len(got) <= most
    assert sent in got
    assert proxy.seen == len(next) + (next != [faults.PASS])


@pytest.mark.parametrize("fault, error, count", [
    (faults.SERVER_ERROR, botocore.exceptions.ClientError, 0),
    (faults.CUT_BEFORE, botocore.exceptions.HTTPClientError, 0),
    (faults.CUT_AFTER, botocore.exceptions.HTTPClientError, 3),
])
def test_an_unanswered_write_is_an_exception(sqs, proxy, through, fault, error, count):
    proxy.always(fault)
    with pytest.raises(error) as caught:
        through.send()
    if error is botocore.exceptions.ClientError:
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert proxy.seen == 3
    assert len(stored(sqs, through)) == count


def test_a_refused_write_is_sent_once_and_not_stored(sqs, proxy, through, refused):
    proxy.next()
    refused("InvalidMessageContents", 400, "", through.send, "a\x00b", exception="InvalidMessageContents")
    assert proxy.seen == 1
    assert stored(sqs, through) == []


def test_an_overloaded_server(connect, small_server, make_queue, monkeypatch):
    """It says 503, which the client takes for what it is: what it tries again is stored, and received, once."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    proxy, body = small_server.proxy, "x" * (1 << 20)
    queue = make_queue(connect(proxy, **RETRY))
    proxy.when_refused(fill(small_server))
    sent = queue.send(body)["MessageId"]
    assert proxy.answers == [503, 200]
    proxy.when_refused(fill(small_server))
    got = queue.receive()
    assert proxy.answers == [503, 200]
    assert [(m["MessageId"], m["Body"] == body, m["Attributes"]["ApproximateReceiveCount"]) for m in got] == [(sent, True, "1")]
    release = fill(small_server)
    proxy.when_refused(release)
    queue.delete_message(ReceiptHandle=got[0]["ReceiptHandle"])
    assert proxy.answers == [200]  # what ends something has room
    release()
    assert queue.counts() == (0, 0, 0)


def test_a_server_that_is_gone(connect, own_server, make_queue):
    queue = make_queue(connect(own_server))
    queue.send("before")
    own_server.kill()
    with pytest.raises(botocore.exceptions.EndpointConnectionError):
        queue.send("lost")
    own_server.restart()
    assert queue.receive_one()["Body"] == "before"


def test_kill_9(connect, own_server, make_queue):
    queue = make_queue(connect(own_server), VisibilityTimeout="1000")
    attributes = {"b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    for body in ("waiting", "deleted", "in flight"):
        queue.send(body, MessageAttributes=attributes)
    held = {m["Body"]: m for m in queue.receive()}
    queue.hide(held["waiting"], 0)
    queue.delete_message(ReceiptHandle=held["deleted"]["ReceiptHandle"])
    queue.send("delayed", DelaySeconds=900)
    queue.send_message_batch(Entries=[{"Id": "a", "MessageBody": "batch"}])

    own_server.restart()

    assert queue.counts() == (2, 1, 1)
    assert queue.attributes("VisibilityTimeout") == {"VisibilityTimeout": "1000"}
    got = {m["Body"]: m for m in queue.receive()}
    assert {b: m["Attributes"]["ApproximateReceiveCount"] for b, m in got.items()} == {"waiting": "2", "batch": "1"}
    assert got["waiting"]["MessageAttributes"] == attributes
    for was in ("MessageId", "MD5OfBody", "MD5OfMessageAttributes"):
        assert got["waiting"][was] == held["waiting"][was]
    for was in ("SentTimestamp", "ApproximateFirstReceiveTimestamp"):
        assert got["waiting"]["Attributes"][was] == held["waiting"]["Attributes"][was]
    queue.delete_message(ReceiptHandle=held["in flight"]["ReceiptHandle"])
    own_server.restart()
    assert queue.counts() == (0, 2, 1)


def test_in_flight_ends_on_time_after_a_restart(connect, own_server, make_queue):
    queue = make_queue(connect(own_server))
    queue.send("x", DelaySeconds=0)
    queue.receive_one(VisibilityTimeout=2)
    queue.send("delayed", DelaySeconds=2)
    own_server.restart()
    got = set()
    while len(got) < 2:
        got |= {m["Body"] for m in queue.receive(WaitTimeSeconds=20)}
    assert got == {"x", "delayed"}
