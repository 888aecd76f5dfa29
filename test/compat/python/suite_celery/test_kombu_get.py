"""kombu's blocking receive. On the botocore that speaks Query, kombu 5.7 names a parameter that this botocore refuses
before it sends anything, so there these tests do not run: see collect_ignore in conftest.py."""

from support.values import HOSTILE_BODIES


def test_simple_queue(bench):
    with bench.connection() as connection:
        with connection.SimpleQueue(bench.name) as queue:
            for body in HOSTILE_BODIES.values():
                queue.put({"text": body}, headers={"kind": "test"})
            assert queue.qsize() == len(HOSTILE_BODIES)
            got = []
            for _ in HOSTILE_BODIES:
                message = queue.get(timeout=20)
                assert message.headers["kind"] == "test"
                got.append(message.payload["text"])
                message.ack()
            assert sorted(got) == sorted(HOSTILE_BODIES.values())
            assert bench.counts() == (0, 0, 0)


def test_requeue(bench):
    """kombu requeues by ChangeMessageVisibility to its own wait time."""
    with bench.connection() as connection:
        with connection.SimpleQueue(bench.name) as queue:
            queue.put("again")
            message = queue.get(timeout=20)
            message.requeue()
            assert sum(bench.counts()) == 1
            message = queue.get(timeout=20)
            assert message.payload == "again"
            message.reject()
            assert bench.counts() == (0, 0, 0)
