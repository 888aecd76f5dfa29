"""Reads and deletes messages with boto2, for the tests that write them with our own client.

    boto2_read.py ENDPOINT QUEUE CLASS COUNT  >messages.json

CLASS is a message class of boto, such as RawMessage. The output is a list of {"id", "body", "md5", "attributes",
"md5_message_attributes"}; body is the JSON text of what boto made of it, so that nothing is lost on the way to the
test. It fails if COUNT messages do not arrive.
"""

import json
import os
import sys
import urllib.parse

os.environ["BOTO_CONFIG"] = os.devnull
from support import boto2_shim  # noqa: E402

boto2_shim.install()

from boto.sqs import jsonmessage, message  # noqa: E402
from boto.sqs.connection import SQSConnection  # noqa: E402
from boto.sqs.regioninfo import SQSRegionInfo  # noqa: E402


def connect(endpoint):
    at = urllib.parse.urlsplit(endpoint)
    region = SQSRegionInfo(name="us-east-1", endpoint=at.hostname)
    return SQSConnection("any", "any", is_secure=at.scheme == "https", port=at.port, region=region)


def message_class(name):
    return getattr(message, name, None) or getattr(jsonmessage, name)


def main(endpoint, queue_name, class_name, count):
    queue = connect(endpoint).get_queue(queue_name)
    queue.set_message_class(message_class(class_name))
    read = []
    while len(read) < int(count):
        page = queue.get_messages(10, wait_time_seconds=10, message_attributes=["All"])
        if not page:
            sys.exit(f"{len(read)} messages arrived, want {count}")
        for m in page:
            read.append({
                "id": m.id, "body": json.dumps(m.get_body()), "md5": m.md5, "attributes": m.message_attributes,
                "md5_message_attributes": m.md5_message_attributes or "",
            })
            assert m.delete()
    json.dump(read, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
