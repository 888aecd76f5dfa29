"""Writes messages with boto2, for the tests that read them with our own client.

    boto2_write.py ENDPOINT QUEUE CLASS  <messages.json  >written.json

CLASS is a message class of boto, such as RawMessage. The input is a list of {"body", "attributes"}; body is JSON text.
Every message is written twice: by itself, and in boto's write_batch, which does not encode, so that its text is encoded
before, as users of boto had to. The output is a list of {"id", "stored"} of all messages written singly and then of all
those in batches, both in the order of the input; stored is the text that the queue now has.
"""

import json
import sys

from boto2_read import connect, message_class


def main(endpoint, queue_name, class_name):
    queue = connect(endpoint).get_queue(queue_name)
    queue.set_message_class(message_class(class_name))
    written, entries = [], []
    for i, m in enumerate(json.load(sys.stdin)):
        message = queue.new_message()
        message.set_body(json.loads(m["body"]))
        message.message_attributes = m.get("attributes", {})
        queue.write(message)
        written.append({"id": message.id, "stored": message.get_body_encoded()})
        entries.append((i, message.get_body_encoded(), 0, m.get("attributes", {})))
    for start in range(0, len(entries), 10):
        result = queue.write_batch(entries[start:start + 10])
        assert not result.errors, result.errors
        for r in sorted(result.results, key=lambda r: int(r["id"])):
            written.append({"id": r["message_id"], "stored": entries[int(r["id"])][1]})
    json.dump(written, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
