"""Fixtures of all suites. Each suite runs in a virtual environment of its own: see python_test.go and venv.sh."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import pytest  # noqa: E402

from support import boto2_shim  # noqa: E402
from support.overload import LEAST_MEMORY  # noqa: E402
from support.proxy import Proxy  # noqa: E402
from support.server import FOREIGN, Server  # noqa: E402
from support.values import unique_name  # noqa: E402

# Clients read the environment when they are imported. A suite that passes only with somebody's AWS profile proves
# nothing, so it goes, and the configuration files in the home directory with it.
BUFEO_BIN = os.environ.get("BUFEO_BIN")
PROTOCOL = os.environ.get("COMPAT_PROTOCOL")
for _name in [n for n in os.environ if n.upper().startswith(FOREIGN) or n.upper().endswith("_PROXY")]:
    del os.environ[_name]
if BUFEO_BIN:
    os.environ["BUFEO_BIN"] = BUFEO_BIN
os.environ.update(
    AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
    BOTO_CONFIG=os.devnull,
)
boto2_shim.install()


def _serve(path, *args):
    server = Server(path / "data", *args)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that leave it alone. The rules of 60 seconds are off."""
    yield from _serve(tmp_path_factory.mktemp("server"), "--relaxed-cooldowns")


@pytest.fixture
def own_server(tmp_path):
    """A server for one test, which may kill and restart it."""
    yield from _serve(tmp_path, "--relaxed-cooldowns")


@pytest.fixture
def strict_server(tmp_path):
    """A server with AWS's rules: a name is blocked for 60 seconds after DeleteQueue, a purge once in 60 seconds."""
    yield from _serve(tmp_path)


@pytest.fixture
def small_server(tmp_path):
    """A server with the least memory, which support.overload fills, and a proxy before it."""
    for server in _serve(tmp_path, "--relaxed-cooldowns", *LEAST_MEMORY):
        server.proxy = Proxy(server)
        yield server
        server.proxy.close()


@pytest.fixture
def proxy(server):
    proxy = Proxy(server)
    yield proxy
    proxy.close()


@pytest.fixture
def queue_name(request):
    return unique_name(request.node.name)


@pytest.fixture(scope="session")
def protocol():
    """json or query: what the client under test must be speaking."""
    assert PROTOCOL in ("json", "query"), "COMPAT_PROTOCOL must be json or query"
    return PROTOCOL
