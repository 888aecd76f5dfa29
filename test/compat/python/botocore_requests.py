"""What requests botocore makes: reads calls from stdin, prints requests, in JSON. Nothing is sent.

A call is {"method": "send_message", "kwargs": {...}}; {"$bytes": "..."} in it stands for bytes, in base64.
"""

import base64
import json
import sys

import botocore.session
from botocore.awsrequest import AWSResponse


class Raw:
    """An answer of 200 with an empty result, as urllib3 would hand it over."""

    def __init__(self, body):
        self.body = body

    def stream(self, **_):
        yield self.body


def plain(value):
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def main():
    client = botocore.session.get_session().create_client(
        "sqs",
        region_name="us-east-1",
        endpoint_url="http://sqs.test:9324",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
    )
    seen = []

    def record(request, **_):
        body = request.body or b""
        seen.append(
            {
                "method": request.method,
                "url": request.url,
                "content_type": request.headers["Content-Type"],
                "body": body if isinstance(body, str) else body.decode(),
            }
        )
        if isinstance(seen[-1]["content_type"], bytes):
            seen[-1]["content_type"] = seen[-1]["content_type"].decode()
        return AWSResponse(request.url, 200, {}, Raw(b"<Answer><Result/></Answer>"))

    client.meta.events.register("before-send.sqs", record)
    for call in json.load(sys.stdin):
        before = len(seen)
        try:
            getattr(client, call["method"])(**plain(call["kwargs"]))
        except Exception as error:  # the answer is not what the call wants; the request is all that counts
            if len(seen) == before:
                raise error
    json.dump(seen, sys.stdout)


main()
