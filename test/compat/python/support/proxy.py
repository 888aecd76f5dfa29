"""A proxy between a client and the server that breaks requests by order of arrival."""

import http.client
import http.server
import re
import threading

PASS = "pass"
SERVER_ERROR = "500"  # answered 500, kept from the server: the write did not happen
UNAVAILABLE = "503"  # likewise
CUT_BEFORE = "cut before"  # connection closed, kept from the server: the write did not happen
CUT_AFTER = "cut after"  # the server answers, then the connection is closed: the write happened, unanswered
DIGEST = re.compile(rb'(MD5Of[A-Za-z]*(?:":\s*"|>))[0-9a-f]{32}')


class Proxy:
    def __init__(self, server):
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                proxy.handle(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = server
        self._lock = threading.Condition()
        self._refused = None
        self.next()
        self._front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._front.daemon_threads = True
        self.port = self._front.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._front.serve_forever, args=(0.02,), daemon=True).start()

    def next(self, *faults):
        """What becomes of the next requests, one each; those after them pass."""
        with self._lock:
            self._faults, self._always, self.seen, self._sent = list(faults), PASS, 0, 0

    def always(self, fault):
        """What becomes of every request from now on."""
        with self._lock:
            self._faults, self._always, self.seen, self._sent = [], fault, 0, 0

    def then(self, do):
        """Has do() done when the next request is with the server. Returns the thread that does it, to be joined."""

        def wait():
            with self._lock:
                assert self._lock.wait_for(lambda: self._sent, timeout=60), "no request came"
            do()

        self.next()
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        return thread

    def when_refused(self, do):
        """Has do() done when the server itself answers 503, before the client hears of it. answers is what it answered."""
        self.next()
        self.answers, self._refused = [], do

    def close(self):
        self._front.shutdown()
        self._front.server_close()

    def handle(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        with self._lock:
            self.seen += 1
            fault = self._faults.pop(0) if self._faults else self._always
        if fault in (SERVER_ERROR, UNAVAILABLE):
            request.send_response(int(fault))
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if fault == CUT_BEFORE:
            request.close_connection = True
            return
        onward = http.client.HTTPConnection(self.server.host, self.server.port, timeout=60)
        try:
            onward.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                onward.putheader(name, value)
            onward.endheaders(body)
            with self._lock:
                self._sent += 1
                self._lock.notify_all()
            answer = onward.getresponse()
            text = answer.read()
        finally:
            onward.close()
        if self._refused:
            self.answers.append(answer.status)
            if answer.status == 503:
                self._refused()
        if fault == CUT_AFTER:
            request.close_connection = True
            return
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)
