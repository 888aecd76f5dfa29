"""Writes messages with boto2, for the tests that read them with our own client.

    boto2_write.py ENDPOINT QUEUE CLASS write|batch  <messages.json  >written.json

CLASS is a message class of boto, such as RawMessage. The input is a list of {"body": …, "attributes": {…}}; the output
is a list of {"id": …, "stored": …}, stored being the text that the queue now has. batch writes as boto's write_batch
does: without encoding.
"""

import json
import sys

from boto2_read import connect, message_class


def main(endpoint, queue_name, class_name, how):
    queue = connect(endpoint).get_queue(queue_name)
    queue.set_message_class(message_class(class_name))
    messages = json.load(sys.stdin)
    written = []
    if how == "batch":
        entries = [(i, m["body"], 0, m.get("attributes", {})) for i, m in enumerate(messages)]
        for start in range(0, len(entries), 10):
            result = queue.write_batch(entries[start:start + 10])
            assert not result.errors, result.errors
            written += [{"id": r["message_id"], "stored": messages[int(r["id"])]["body"]} for r in result.results]
    else:
        for m in messages:
            message = queue.new_message(m["body"])
            message.message_attributes = m.get("attributes", {})
            queue.write(message)
            written.append({"id": message.id, "stored": message.get_body_encoded()})
    json.dump(written, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
