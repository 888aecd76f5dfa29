"""Each method of Queue that this version's actions serve, with all message classes."""

import io

import pytest

from boto.exception import SQSDecodeError
from boto.sqs.jsonmessage import JSONMessage
from boto.sqs.message import EncodedMHMessage, Message, MHMessage, RawMessage
from boto.sqs.queue import Queue

from support.values import HOSTILE_BODIES, unique_name

BODIES = {
    RawMessage: ["hello", "a\r\nb\r\n", "<&\"'>"],
    Message: ["hello", "", "café ☃", "\x00\x01", "a\r\nb"],
    MHMessage: [{"foo": "bar", "url": "http://h:80/?a=b:c"}],
    EncodedMHMessage: [{"foo": "bar", "café": "☃"}],
    JSONMessage: [{"foo": "bar", "n": [1, 2.5, None, True, {"é": "☃"}]}, [1, "two"]],
}


class TestReadAndWrite:
    @pytest.mark.parametrize("message_class, body", [(c, b) for c, bodies in BODIES.items() for b in bodies])
    def test_every_message_class(self, queue, message_class, body):
        queue.set_message_class(message_class)
        message = queue.new_message(body)
        assert isinstance(message, message_class) and message.queue is queue
        if message.get_body_encoded() == "":
            pytest.raises(Exception, queue.write, message)  # SQS stores no empty bodies
            return
        written = queue.write(message)
        assert written is message and written.id
        got = queue.read()
        assert type(got) is message_class
        assert got.id == written.id
        assert got.get_body() == body
        assert got.delete() is True
        assert queue.count() == 0

    @pytest.mark.parametrize("label", HOSTILE_BODIES)
    def test_message_carries_any_text(self, queue, label):
        queue.write(queue.new_message(HOSTILE_BODIES[label]))
        assert queue.read().get_body() == HOSTILE_BODIES[label]

    def test_read_of_an_empty_queue(self, queue):
        assert queue.read() is None

    def test_read_with_a_visibility_timeout(self, queue):
        queue.write(queue.new_message("x"))
        assert queue.read(visibility_timeout=4) is not None
        assert queue.read() is None
        assert queue.read(wait_time_seconds=20).get_body() == "x"

    def test_write_with_a_delay(self, queue):
        queue.write(queue.new_message("x"), delay_seconds=4)
        assert queue.read() is None
        assert queue.read(wait_time_seconds=20).get_body() == "x"

    def test_message_attributes(self, queue):
        message = queue.new_message("x")
        message.message_attributes = {"a": {"data_type": "String", "string_value": "b"}}
        queue.write(message)
        got = queue.read(message_attributes=["All"])
        assert got.message_attributes == {"a": {"data_type": "String", "string_value": "b"}}
        assert got.md5_message_attributes

    def test_get_messages(self, queue):
        for i in range(12):
            queue.write(queue.new_message(f"{i}"))
        got = queue.get_messages(10, visibility_timeout=60, attributes="All", wait_time_seconds=0)
        assert len(got) == 10
        assert all(m.attributes["ApproximateReceiveCount"] == "1" for m in got)
        assert len(queue.get_messages()) == 1
        assert len({m.id for m in got}) == 10

    def test_decode_error_keeps_the_handle(self, conn, queue):
        conn.send_message(queue, "not json")
        queue.set_message_class(JSONMessage)
        with pytest.raises(SQSDecodeError) as caught:
            queue.read()
        message = caught.value.message
        assert message.id and message.receipt_handle
        assert queue.delete_message(message) is True

    def test_message_reads_foreign_text(self, conn, queue):
        conn.send_message(queue, '{"a": 1}')
        assert queue.read().get_body() == '{"a": 1}'

    def test_change_visibility(self, queue):
        queue.write(queue.new_message("x"))
        queue.read().change_visibility(0)
        assert queue.read() is not None


class TestBatches:
    def test_write_batch(self, queue):
        # boto writes batch bodies as they are, whatever the queue's message class.
        result = queue.write_batch([(i, f"message {i}", 0) for i in range(10)])
        assert [r["id"] for r in result.results] == [str(i) for i in range(10)]
        queue.set_message_class(RawMessage)
        got = queue.get_messages(10)
        assert sorted(m.get_body() for m in got) == [f"message {i}" for i in range(10)]
        assert len(queue.delete_message_batch(got).results) == 10
        assert queue.count() == 0

    def test_write_batch_with_attributes(self, queue):
        queue.write_batch([("a", "x", 0, {"k": {"data_type": "String", "string_value": "v"}})])
        assert queue.read(message_attributes=["k"]).message_attributes["k"]["string_value"] == "v"

    def test_change_message_visibility_batch(self, queue):
        queue.write_batch([(i, "x", 0) for i in range(2)])
        got = queue.get_messages(10)
        assert queue.change_message_visibility_batch([(m, 0) for m in got]).errors == []
        assert queue.count() == 2

    def test_delete_message(self, queue):
        queue.write(queue.new_message("x"))
        assert queue.delete_message(queue.read()) is True
        assert queue.count() == 0


class TestTheQueueItself:
    def test_attributes_and_timeout(self, queue):
        assert queue.get_timeout() == 30
        assert queue.set_timeout(45) is True
        assert queue.visibility_timeout == 45
        assert queue.get_timeout() == 45
        assert queue.set_attribute("DelaySeconds", 3) is True
        assert queue.get_attributes("DelaySeconds") == {"DelaySeconds": "3"}
        assert queue.get_attributes()["VisibilityTimeout"] == "45"

    def test_count(self, queue):
        assert queue.count() == 0
        for i in range(11):
            queue.write(queue.new_message(f"{i}"))
        assert queue.count() == 11
        queue.read()
        assert queue.count() == 10
        assert queue.count_slow(page_size=4, vtimeout=30) == 10
        assert queue.count() == 0  # all in flight now

    def test_clear_and_purge(self, queue):
        queue.write(queue.new_message("x"))
        queue.clear()
        assert queue.count() == 0
        queue.write(queue.new_message("y"))
        assert queue.purge() is True
        assert queue.count() == 0

    def test_delete(self, conn, queue):
        queue.write(queue.new_message("x"))
        assert queue.delete() is True
        assert conn.get_queue(queue.name) is None

    def test_a_queue_from_its_url_alone(self, conn, queue):
        # The host in the URL is not used: a queue of another region is addressed on this connection.
        same = Queue(conn, "https://queue.amazonaws.com" + queue.id)
        same.write(same.new_message("x"))
        assert queue.count() == 1


class TestFiles:
    def test_dump_leaves_the_messages(self, queue, monkeypatch):
        # boto opens the file binary and writes text, which Python 3 refuses. Text it must be.
        opened = []

        class Text(io.StringIO):
            def close(self):
                opened.append(self.getvalue())

        monkeypatch.setattr("builtins.open", lambda *_args, **_kwargs: Text())
        for body in ("a", "b"):
            queue.write(queue.new_message(body))
        assert queue.dump("anything", page_size=10, vtimeout=1, sep="--") == 2
        monkeypatch.undo()
        assert sorted(opened[0].removesuffix("--").split("--")) == ["a", "b"]
        assert len(queue.get_messages(10, wait_time_seconds=20)) > 0

    def test_save_to_file_empties_the_queue(self, queue):
        for body in ("a", "b\n", "c"):
            queue.write(queue.new_message(body))
        file = io.StringIO()
        assert queue.save_to_file(file) == 3
        assert sorted(file.getvalue()) == sorted("a\nb\n\nc\n")
        assert queue.count() == 0

    def test_load_from_file(self, queue, capsys):
        assert queue.load_from_file(io.StringIO("a\n---\nb\n---\n"), sep="---\n") == 2
        assert sorted(m.get_body() for m in queue.get_messages(10)) == ["a\n", "b\n"]
        assert "writing message" in capsys.readouterr().out

    def test_save_then_load(self, conn, queue, tmp_path, capsys):
        bodies = ["first\n", "second\nwith two lines\n"]
        for body in bodies:
            queue.write(queue.new_message(body))
        path = tmp_path / "messages"
        with path.open("w") as file:
            assert queue.save_to_file(file, sep="~~~\n") == 2
        other = conn.create_queue(unique_name("load"))
        with path.open() as file:
            assert other.load_from_file(file, sep="~~~\n") == 2
        assert sorted(m.get_body() for m in other.get_messages(10)) == bodies
