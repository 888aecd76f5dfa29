"""Requests that fill a server's memory for bodies."""

import http.client
import socket

from support.server import PATIENCE

LEAST_MEMORY = ("--memory-limit", "96MiB")

# A body is paid for three times, out of 32 MiB, of which receives have 28.
SIZES = (8 << 20, 1800 << 10)


def fill(server):
    """Takes the memory that a server with LEAST_MEMORY has for large sends and for answers with large messages.

    Two requests have arrived but for their last bytes when this returns. What it returns lets them end, and returns when
    they have been answered, which is after their memory was given back.
    """
    held = [_Padded(server, size) for size in SIZES]

    def release():
        for request in held:
            request.finish()

    return release


class _Padded:
    """A request with much white space in it. With most of it there, it is no slow one, which would have to give way.

    It asks for a queue that does not exist: what is answered with success counts as a call of the client under test.
    """

    def __init__(self, server, size):
        self._socket = socket.create_connection((server.host, server.port), timeout=PATIENCE)
        self._socket.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.GetQueueUrl\r\n"
            b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % size
        )
        begin = self._socket.recv(1024)  # it was paid for, or nobody would want it
        assert begin == b"HTTP/1.1 100 Continue\r\n\r\n", begin
        self._socket.sendall(b'{"QueueName":"none"'.ljust(size - 1))

    def finish(self):
        self._socket.sendall(b"}")
        answer = http.client.HTTPResponse(self._socket)
        answer.begin()
        self._socket.close()
        assert answer.status == 400, answer.status
