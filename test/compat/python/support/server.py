"""The bufeo under test, as a process of its own."""

import os
import re
import signal
import subprocess
import tempfile
import threading
import urllib.request

PATIENCE = 60  # seconds; passes only on failure
LISTENING = re.compile(r"http://([0-9A-Za-z.\[\]:-]+:\d+)")
FOREIGN = ("BUFEO_", "AWS_", "BOTO")


def environ(**extra):
    """This process's environment without what would change how a client or the server behaves."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(FOREIGN) and not name.upper().endswith("_PROXY")
    }
    env.update(extra)
    return env


class Server:
    """One bufeo process after another on one data directory and one address."""

    def __init__(self, data, *args):
        self.data = str(data)
        self.args = args
        self.url = None
        # COMPAT_LOGS names the folder where the Go test that runs this suite looks for what was called.
        logs = os.environ.get("COMPAT_LOGS")
        self._log = tempfile.NamedTemporaryFile(dir=logs, delete=False) if logs else tempfile.TemporaryFile()
        self._launch("127.0.0.1:0")

    @property
    def host(self):
        return self.url.split("://")[1].split(":")[0]

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def _launch(self, listen):
        binary = os.environ.get("BUFEO_BIN")
        if not binary:
            raise RuntimeError(
                "BUFEO_BIN does not name a bufeo. Run these suites with `go test ./python` in test/compat, "
                "or build one: go build -o /tmp/bufeo ./cmd/bufeo; export BUFEO_BIN=/tmp/bufeo"
            )
        self.process = subprocess.Popen(
            [
                binary, "serve", "--listen", listen, "--data", self.data, "--log-level", "debug", "--log-format", "json",
                *self.args,
            ],
            stdout=subprocess.PIPE, stderr=self._log, env=environ(), text=True,
        )
        found = threading.Event()
        printed = []

        def read():
            for line in self.process.stdout:
                printed.append(line)
                at = LISTENING.search(line)
                if at and not found.is_set():
                    self.url = "http://" + at.group(1)
                    found.set()
            found.set()  # the process is gone

        threading.Thread(target=read, daemon=True).start()
        if not found.wait(PATIENCE) or self.process.poll() is not None:
            raise RuntimeError(f"bufeo serve did not start\n{''.join(printed)}\n{self.log()}")
        # The line is printed when the server is ready to be talked to; /readyz confirms it.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.url + "/readyz", timeout=PATIENCE) as answer:
            assert answer.status == 200

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def restart(self):
        """Starts again on the same address and data. If it still runs it is killed first."""
        self.kill()
        self._launch(self.url.split("://")[1])

    def stop(self):
        """Stops as an operator does, and insists on exit status 0."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        assert status == 0, f"bufeo ended with status {status}\n{self.log()}"

    def log(self):
        self._log.flush()
        self._log.seek(0)
        return self._log.read().decode(errors="replace")
