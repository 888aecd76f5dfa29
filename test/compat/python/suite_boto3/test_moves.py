"""Message move tasks. The boto3 of early 2023 is older than they are, so with it this does not run: see conftest.py."""

import threading
import time

import pytest

PATIENCE = 60


def arn(queue):
    return "arn:aws:sqs:us-east-1:000000000000:" + queue.name


@pytest.fixture
def dead_letters(make_queue):
    """Makes a queue, its dead-letter queue with n dead letters in it, and their bodies."""

    def make(n, suffix="", **attributes):
        dead = make_queue(suffix=suffix, **attributes)
        policy = '{"deadLetterTargetArn":"%s","maxReceiveCount":"1"}' % arn(dead)
        queue = make_queue(suffix=suffix, VisibilityTimeout="0", RedrivePolicy=policy, **attributes)
        group = {"MessageGroupId": "g"} if suffix else {}
        sent = [str(i) for i in range(n)]
        for body in sent:
            queue.send(body, **group)
        while queue.counts() != (0, 0, 0):
            queue.receive()
        queue.set_queue_attributes(Attributes={"VisibilityTimeout": "300"})
        assert dead.counts() == (n, 0, 0)
        return queue, dead, sent

    return make


def ended(sqs, dead):
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while True:
        (task,) = sqs.list_message_move_tasks(SourceArn=arn(dead))["Results"]
        if task["Status"] != "RUNNING":
            return task
        assert time.monotonic() < deadline, task
        pause.wait(0.02)


def test_to_where_they_came_from(sqs, dead_letters):
    queue, dead, sent = dead_letters(25)
    assert sqs.list_message_move_tasks(SourceArn=arn(dead)).get("Results", []) == []
    assert sqs.start_message_move_task(SourceArn=arn(dead))["TaskHandle"]
    task = ended(sqs, dead)
    assert task.pop("StartedTimestamp") > 0
    assert task == {
        "Status": "COMPLETED", "SourceArn": arn(dead), "ApproximateNumberOfMessagesMoved": 25, "ApproximateNumberOfMessagesToMove": 25,
    }
    got = []
    while len(got) < 25:
        messages = queue.receive()
        assert messages
        for message in messages:
            got.append(message["Body"])
            assert message["Attributes"]["ApproximateReceiveCount"] == "1"
            assert "DeadLetterQueueSourceArn" not in message["Attributes"]
    assert sorted(got, key=int) == sent
    assert (dead.counts(), queue.counts()) == ((0, 0, 0), (0, 25, 0))


def test_fifo_elsewhere(sqs, dead_letters, make_queue):
    fifo = {"suffix": ".fifo", "FifoQueue": "true", "ContentBasedDeduplication": "true"}
    _, dead, _ = dead_letters(9, **fifo)
    other = make_queue(**fifo)
    sqs.start_message_move_task(SourceArn=arn(dead), DestinationArn=arn(other))
    assert ended(sqs, dead)["DestinationArn"] == arn(other)
    assert [m["Body"] for m in other.receive()] == [str(n) for n in range(9)]


def test_cancel(sqs, dead_letters, refused):
    queue, dead, _ = dead_letters(50)
    handle = sqs.start_message_move_task(SourceArn=arn(dead), MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    (task,) = sqs.list_message_move_tasks(SourceArn=arn(dead), MaxResults=10)["Results"]
    assert (task["Status"], task["TaskHandle"], task["MaxNumberOfMessagesPerSecond"]) == ("RUNNING", handle, 1)
    refused("InvalidParameterValue", 400, "There is already a task running.", sqs.start_message_move_task, SourceArn=arn(dead))
    moved = sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    task = ended(sqs, dead)
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("CANCELLED", moved)
    assert (queue.counts(), dead.counts()) == ((moved, 0, 0), (50 - moved, 0, 0))
    refused("InvalidParameterValue", 400, "Only active tasks can be cancelled.", sqs.cancel_message_move_task, TaskHandle=handle)


def test_refused(sqs, queue, refused):
    missing = {"exception": "ResourceNotFoundException"}
    refused("InvalidParameterValue", 400, "Source queue must be configured as a Dead Letter Queue.", sqs.start_message_move_task, SourceArn=arn(queue))
    refused("ResourceNotFoundException", 404, "SourceArn", sqs.start_message_move_task, SourceArn=arn(queue) + "-never-made", **missing)
    refused("ResourceNotFoundException", 404, "", sqs.list_message_move_tasks, SourceArn=arn(queue) + "-never-made", **missing)
    refused("InvalidParameterValue", 400, "", sqs.cancel_message_move_task, TaskHandle="garbage")
