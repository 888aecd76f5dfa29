"""Dead letters and permissions, the calls of boto2 that are left, and a FIFO queue that somebody else has made."""

import json

import pytest

from boto.sqs.message import RawMessage
from boto.sqs.queue import Queue

from support.values import unique_name

NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue"
ROOT = "arn:aws:iam::%s:root"


def redrive(dead, count):
    return json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": count})


class TestDeadLetters:
    def test_moved_by_the_receive_that_is_one_too_many(self, conn, queue, counts):
        dead = conn.create_queue(queue.name + "-dead")
        conn.set_queue_attribute(queue, "RedrivePolicy", redrive(dead, 2))
        assert json.loads(queue.get_attributes("RedrivePolicy")["RedrivePolicy"]) == {"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2}
        queue.set_message_class(RawMessage)
        dead.set_message_class(RawMessage)
        sent = queue.write(queue.new_message("poison"))
        for count in ("1", "2"):
            (got,) = queue.get_messages(visibility_timeout=0, attributes="All")
            assert (got.id, got.attributes["ApproximateReceiveCount"]) == (sent.id, count)
        assert queue.get_messages() == []
        assert (counts(queue), counts(dead)) == ((0, 0, 0), (1, 0, 0))
        (letter,) = dead.get_messages(attributes="All")
        assert (letter.id, letter.get_body()) == (sent.id, "poison")
        assert letter.attributes["DeadLetterQueueSourceArn"] == queue.arn
        assert letter.attributes["ApproximateReceiveCount"] == "3"
        assert letter.attributes["SentTimestamp"] == got.attributes["SentTimestamp"]
        letter.delete()
        assert counts(dead) == (0, 0, 0)

    def test_get_dead_letter_source_queues(self, conn, queue, refused):
        assert conn.get_dead_letter_source_queues(queue) == []
        sources = [conn.create_queue(f"{queue.name}-{n}") for n in range(3)]
        for source in sources:
            source.set_attribute("RedrivePolicy", redrive(queue, 5))
        found = conn.get_dead_letter_source_queues(queue)
        assert [q.url for q in found] == [q.url for q in sources] and isinstance(found[0], Queue)
        refused(NO_QUEUE, 400, "does not exist", conn.get_dead_letter_source_queues, Queue(conn, queue.url + "-never-made"))

    def test_refused(self, conn, queue, refused):
        for policy in ("no json", redrive(queue, 0), json.dumps({"deadLetterTargetArn": queue.arn + "-never-made", "maxReceiveCount": 1})):
            refused("InvalidParameterValue", 400, "", conn.set_queue_attribute, queue, "RedrivePolicy", policy)


class TestPermissions:
    @pytest.mark.parametrize("of", ["connection", "queue"])
    def test_edit_the_policy(self, conn, queue, of, refused):
        if of == "queue":
            add, remove = queue.add_permission, queue.remove_permission
        else:
            add, remove = (lambda *a: conn.add_permission(queue, *a)), (lambda *a: conn.remove_permission(queue, *a))
        assert add("one", "111111111111", "ReceiveMessage")
        assert add("two", "222222222222", "*")
        assert json.loads(queue.get_attributes("Policy")["Policy"]) == {
            "Version": "2008-10-17", "Id": queue.arn + "/SQSDefaultPolicy",
            "Statement": [
                {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": ROOT % account}, "Action": action, "Resource": queue.arn}
                for sid, account, action in (("one", "111111111111", "SQS:ReceiveMessage"), ("two", "222222222222", "SQS:*"))
            ],
        }
        refused("InvalidParameterValue", 400, "one", add, "one", "111111111111", "*")
        refused("InvalidParameterValue", 400, "", add, "three", "abc", "*")
        assert remove("one") and remove("two")
        assert queue.get_attributes("Policy") == {}
        refused("InvalidParameterValue", 400, "two", remove, "two")


class TestFIFO:
    """boto2 is older than FIFO queues, so it knows no groups; the messages come from its raw calls."""

    @pytest.fixture
    def fifo(self, conn, request):
        name = unique_name(request.node.name) + ".fifo"
        params = {"QueueName": name, "Attribute.1.Name": "FifoQueue", "Attribute.1.Value": "true"}
        fifo = conn.get_object("CreateQueue", params, Queue)
        fifo.set_message_class(RawMessage)
        return fifo

    def send(self, conn, fifo, group, body):
        params = {"MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": body}
        return conn.get_object("SendMessage", params, RawMessage, fifo.id, verb="POST")

    def test_reads_in_order(self, conn, fifo, counts):
        sent = [self.send(conn, fifo, "g", str(n)).id for n in range(12)]
        assert self.send(conn, fifo, "g", "0").id == sent[0]  # a duplicate
        got = fifo.get_messages(10, attributes="All")
        assert [(m.id, m.get_body()) for m in got] == [(sent[n], str(n)) for n in range(10)]
        numbers = [m.attributes["SequenceNumber"] for m in got]
        assert numbers == sorted(set(numbers)) and {len(n) for n in numbers} == {20}
        assert {m.attributes["MessageGroupId"] for m in got} == {"g"}
        assert fifo.get_messages(10) == []  # the group waits
        for message in got:
            assert message.delete()
        rest = fifo.get_messages(10)
        assert [m.get_body() for m in rest] == ["10", "11"]
        assert fifo.delete_message_batch(rest).errors == []
        assert counts(fifo) == (0, 0, 0)

    def test_write_names_what_is_missing(self, fifo, refused):
        refused("MissingParameter", 400, "MessageGroupId", fifo.write, fifo.new_message("x"))
