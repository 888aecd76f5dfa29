"""Where tasks report to: one line of JSON for each event, answered when the test lets the task go on."""

import collections
import json
import queue
import socketserver
import threading

PATIENCE = 90  # seconds; passes only on failure


class Ledger:
    def __init__(self):
        self._events = queue.Queue()
        self._hold = collections.defaultdict(threading.Event)
        self._holding = set()
        ledger = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                event = json.loads(self.rfile.readline())
                ledger._events.put(event)
                if event["event"] in ledger._holding:
                    ledger._hold[event["event"]].wait()
                try:
                    self.wfile.write(b"go on\n")
                except OSError:
                    pass  # its worker was killed

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 64

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def hold(self, kind):
        """Events of this kind are not answered until release."""
        self._holding.add(kind)

    def release(self, kind):
        self._hold[kind].set()

    def next(self):
        return self._events.get(timeout=PATIENCE)

    def until(self, done):
        """Returns all events until as many of kind done have come in."""
        got = []
        while done:
            event = self.next()
            got.append(event)
            done -= event["event"] == "done"
        return got

    def rest(self):
        """The events that nobody has asked for. Nothing can follow once all workers have ended."""
        got = []
        while not self._events.empty():
            got.append(self._events.get())
        return got

    def close(self):
        for hold in self._hold.values():
            hold.set()
        self._server.shutdown()
        self._server.server_close()
