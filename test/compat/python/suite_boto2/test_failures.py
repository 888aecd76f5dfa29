"""A write that was answered is stored; one that was refused is not; one that got no answer is an exception."""

import http.client

import pytest

from boto.exception import BotoServerError, SQSError
from boto.sqs.message import RawMessage

from support import proxy as faults
from support.overload import fill


@pytest.fixture
def direct(conn, queue):
    queue.set_message_class(RawMessage)
    return queue


@pytest.fixture
def through(connect, proxy, direct, no_pauses):
    return connect(proxy).get_queue(direct.name)


@pytest.mark.parametrize("next, least, most", [
    ([faults.PASS], 1, 1),
    ([faults.SERVER_ERROR], 1, 1),
    ([faults.UNAVAILABLE, faults.SERVER_ERROR], 1, 1),
    ([faults.CUT_BEFORE], 1, 1),
    ([faults.CUT_AFTER], 1, 2),  # stored, unanswered, sent again: at least once
])
def test_an_answered_write_is_stored(direct, through, proxy, next, least, most):
    proxy.next(*next)
    sent = through.connection.send_message(through, "x")
    got = direct.get_messages(10)
    assert least <= len(got) <= most
    assert sent.id in [m.id for m in got]
    assert proxy.seen == len(next) + (next != [faults.PASS])


@pytest.mark.parametrize("fault, error, stored", [
    (faults.SERVER_ERROR, BotoServerError, 0),
    (faults.CUT_BEFORE, (http.client.HTTPException, OSError), 0),
    (faults.CUT_AFTER, (http.client.HTTPException, OSError), 7),  # boto tries seven times
])
def test_an_unanswered_write_is_an_exception(direct, through, proxy, fault, error, stored):
    proxy.always(fault)
    with pytest.raises(error) as caught:
        through.connection.send_message(through, "x")
    assert not isinstance(caught.value, SQSError)  # boto tells the service's faults from those of the way to it
    assert proxy.seen == 7
    assert direct.count() == stored


def test_a_refused_write_is_sent_once_and_not_stored(direct, through, proxy, refused):
    proxy.next()
    refused("InvalidMessageContents", 400, "", through.connection.send_message, through, "a\x00b")
    assert proxy.seen == 1
    assert direct.count() == 0


def test_an_overloaded_server(connect, small_server, queue_name, counts, no_pauses):
    """It says 503, which the client takes for what it is: what it tries again is stored, and received, once."""
    proxy, body = small_server.proxy, "x" * (256 << 10)
    queue = connect(proxy).create_queue(queue_name)
    queue.set_message_class(RawMessage)
    proxy.when_refused(fill(small_server))
    sent = queue.connection.send_message(queue, body).id
    assert proxy.answers == [503, 200]
    proxy.when_refused(fill(small_server))
    got = queue.get_messages(10, attributes="All")
    assert proxy.answers == [503, 200]
    assert [(m.id, m.get_body() == body, m.attributes["ApproximateReceiveCount"]) for m in got] == [(sent, True, "1")]
    release = fill(small_server)
    proxy.when_refused(release)
    assert got[0].delete()
    assert proxy.answers == [200]  # what ends something has room
    release()
    assert counts(queue) == (0, 0, 0)


def test_a_server_that_is_gone(own_server, connect, queue_name, no_pauses):
    queue = connect(own_server).create_queue(queue_name)
    queue.write(queue.new_message("before"))
    own_server.kill()
    with pytest.raises(OSError):
        queue.write(queue.new_message("lost"))
    own_server.restart()
    assert [m.get_body() for m in queue.get_messages(10)] == ["before"]


def test_kill_9(own_server, connect, queue_name, counts, no_pauses):
    conn = connect(own_server)
    queue = conn.create_queue(queue_name, 1000)
    for body in ("waiting", "deleted", "in flight"):
        queue.write(queue.new_message(body))
    held = {m.get_body(): m for m in queue.get_messages(10)}
    held["waiting"].change_visibility(0)
    assert held["deleted"].delete()
    queue.write(queue.new_message("delayed"), delay_seconds=900)
    queue.write_batch([("a", "YmF0Y2g=", 0)])

    own_server.restart()

    assert counts(queue) == (2, 1, 1)
    assert queue.get_timeout() == 1000
    got = {m.get_body(): m for m in queue.get_messages(10, attributes="All")}
    assert {body: m.attributes["ApproximateReceiveCount"] for body, m in got.items()} == {"waiting": "2", "batch": "1"}
    assert held["in flight"].delete()  # a handle from before still works
    own_server.restart()
    assert counts(queue) == (0, 2, 1)
