"""Celery on kombu's SQS transport: workers as processes, tasks that report what they did."""

import time

import pytest

from support.values import HOSTILE_BODIES

PAYLOADS = list(HOSTILE_BODIES.values())


def by_key(events):
    return {event["key"]: event for event in events if event["event"] == "done"}


def test_two_hundred_tasks_are_done_once_each(bench, tasks):
    sent = {}
    for key in range(200):
        payload = {"n": key, "text": PAYLOADS[key % len(PAYLOADS)], "more": [None, True, 1.5]}
        sent[key] = (tasks.note.delay(key, payload).id, payload)
    assert bench.counts() == (200, 0, 0)
    workers = [bench.worker("one"), bench.worker("two")]
    events = bench.ledger.until(done=200)
    bench.settles(0, 0, 0)
    for worker in workers:
        worker.stop()
    assert {key: (event["task"], event["payload"]) for key, event in by_key(events).items()} == sent
    assert bench.ledger.rest() == []
    assert bench.counts() == (0, 0, 0)


def test_retries(bench, tasks):
    failures = {"never": 0, "once": 1, "three times": 3}
    for key, n in failures.items():
        tasks.flaky.delay(key, n)
    worker = bench.worker("one")
    events = bench.ledger.until(done=len(failures))
    bench.settles(0, 0, 0)
    worker.stop()
    assert {key: event["payload"] for key, event in by_key(events).items()} == failures
    for key, n in failures.items():
        assert [e["attempt"] for e in events if e["event"] == "attempt" and e["key"] == key] == list(range(n + 1))
    assert bench.counts() == (0, 0, 0)


def test_retries_run_out(bench, tasks):
    tasks.flaky.delay("hopeless", 99)
    worker = bench.worker("one")
    assert [bench.ledger.next()["attempt"] for _ in range(4)] == [0, 1, 2, 3]
    bench.settles(0, 0, 0)
    worker.stop()
    assert "Retry in 1s" in worker.log() and "raised unexpected" in worker.log()
    assert bench.ledger.rest() == []
    assert bench.counts() == (0, 0, 0)


def test_countdown(bench, tasks):
    """Celery's own: the worker takes the task and waits for its time."""
    before = time.monotonic()
    tasks.note.apply_async(("tomorrow", 0), countdown=86400)
    tasks.note.apply_async(("later", 1), countdown=3)
    tasks.note.apply_async(("now", 2))
    worker = bench.worker("one")
    events = bench.ledger.until(done=2)
    after = time.monotonic()
    bench.settles(0, 1, 0)  # the one for tomorrow is held
    worker.stop()
    assert {event["key"]: event["payload"] for event in events} == {"now": 2, "later": 1}
    assert after >= before + 3
    assert bench.ledger.rest() == []
    assert sum(bench.counts()) == 1


def test_delay_of_the_queue(bench, tasks):
    """SQS's: the message is not to be received before its time."""
    before = time.monotonic()
    tasks.note.apply_async(("much later", 0), DelaySeconds=900)
    tasks.note.apply_async(("later", 1), DelaySeconds=3)
    tasks.note.apply_async(("now", 2))
    assert sum(bench.counts()) == 3
    worker = bench.worker("one")
    events = bench.ledger.until(done=2)
    after = time.monotonic()
    bench.settles(0, 0, 1)
    worker.stop()
    assert {event["key"]: event["payload"] for event in events} == {"now": 2, "later": 1}
    assert after >= before + 3
    assert bench.ledger.rest() == []
    assert bench.counts() == (0, 0, 1)


@pytest.mark.parametrize("suffix", [".fifo"])
def test_fifo_queue(bench, tasks):
    """The tasks of a group are done in the order of their sending; a task sent twice under one id is done once."""
    groups = {group: [f"{group}{n}" for n in range(5)] for group in "abc"}
    for n in range(5):
        for group, keys in groups.items():
            tasks.note.apply_async((keys[n], {"n": n}), MessageGroupId=group, MessageDeduplicationId=keys[n])
    tasks.note.apply_async(("a0", "again"), MessageGroupId="a", MessageDeduplicationId="a0")
    assert bench.counts() == (15, 0, 0)
    worker = bench.worker("one", concurrency=1)
    events = bench.ledger.until(done=15)
    bench.settles(0, 0, 0)
    worker.stop()
    for group, keys in groups.items():
        assert [(e["key"], e["payload"]) for e in events if e["key"][0] == group] == [(key, {"n": n}) for n, key in enumerate(keys)]
    assert bench.ledger.rest() == []
    assert bench.counts() == (0, 0, 0)


def test_warm_stop(bench, tasks):
    """A worker that is asked to stop finishes what it does and hands back what it has not begun."""
    bench.ledger.hold("started")
    for key in range(10):
        tasks.held.delay(key)
    first = bench.worker("first")
    begun = {bench.ledger.next()["key"], bench.ledger.next()["key"]}
    first.warm_stop()
    first.says("Warm shutdown")
    bench.ledger.release("started")
    first.ended()
    # Both of its processes had one task, which they finished. Whatever else they did they did to the end as well.
    events = bench.ledger.rest()
    assert begun <= set(by_key(events))
    assert {event["key"] for event in events if event["event"] == "started"} | begun == set(by_key(events))
    left = 10 - len(by_key(events))
    assert sum(bench.counts()) == left
    second = bench.worker("second")
    events += bench.ledger.until(done=left)
    bench.settles(0, 0, 0)
    second.stop()
    assert sorted(event["key"] for event in events if event["event"] == "done") == list(range(10))
    assert bench.counts() == (0, 0, 0)


@pytest.mark.parametrize("visibility_timeout", [10])
def test_task_of_a_killed_worker(bench, tasks):
    """What a worker was doing when it was killed is done by another, when its visibility timeout has passed."""
    bench.ledger.hold("started")
    task = tasks.held.delay("only").id
    first = bench.worker("first")
    assert bench.ledger.next() == {"event": "started", "key": "only", "worker": "first", "task": task, "redelivered": False}
    first.kill()
    bench.ledger.release("started")
    assert bench.ledger.rest() == []
    second = bench.worker("second")
    started = bench.ledger.next()
    assert (started["event"], started["worker"], started["task"]) == ("started", "second", task)
    done = bench.ledger.next()
    assert (done["event"], done["payload"], done["task"]) == ("done", "second", task)
    bench.settles(0, 0, 0)
    second.stop()
    assert bench.ledger.rest() == []
    assert bench.counts() == (0, 0, 0)


def test_purge(bench, tasks):
    for key in range(5):
        tasks.note.delay(key, None)
    with tasks.app.connection_for_write() as connection:
        assert tasks.app.amqp.TaskConsumer(connection).purge() == 50  # kombu adds up ten looks at the queue
    assert bench.counts() == (0, 0, 0)
