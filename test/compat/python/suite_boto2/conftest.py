import pytest

import boto.connection
from boto.sqs.connection import SQSConnection
from boto.sqs.regioninfo import SQSRegionInfo

from support.values import unique_name


def connection_to(host, port):
    region = SQSRegionInfo(name="us-east-1", endpoint=host)
    return SQSConnection("any", "any", is_secure=False, port=port, region=region)


@pytest.fixture
def connect():
    """Makes connections: connect(server) or connect(proxy)."""
    return lambda to: connection_to("127.0.0.1", to.port)


@pytest.fixture
def conn(server, connect):
    return connect(server)


@pytest.fixture
def queue(conn, request):
    return conn.create_queue(unique_name(request.node.name))


@pytest.fixture
def no_pauses(monkeypatch):
    """boto sleeps random() * 2**attempt seconds between retries, and after the last one."""
    monkeypatch.setattr(boto.connection.random, "random", lambda: 0.0)


@pytest.fixture
def counts():
    """Reads (visible, in flight, delayed) of a queue."""

    def read(queue):
        got = queue.get_attributes("All")
        return tuple(
            int(got["ApproximateNumberOfMessages" + suffix]) for suffix in ("", "NotVisible", "Delayed")
        )

    return read


@pytest.fixture
def refused():
    """Checks that a call raises SQSError with this code, status and text."""
    from boto.exception import SQSError

    def check(code, status, text, call, *args, **kwargs):
        with pytest.raises(SQSError) as caught:
            call(*args, **kwargs)
        error = caught.value
        assert (error.error_code, error.status) == (code, status), error
        assert text in error.error_message
        assert error.type == "Sender"
        assert error.request_id
        return error

    return check
