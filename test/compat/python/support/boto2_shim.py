"""Makes boto 2.49 importable on Pythons newer than the ones it was written for.

boto vendors an old `six` whose lazy importer speaks a protocol that Python 3.12 removed, so `boto.vendored.six.moves`
cannot be imported there; the same release removed `imp`, `ssl.wrap_socket` and `ssl.match_hostname`, which boto names
at import. Nothing of boto is changed: the modules it looks for are registered before it looks. On Python 3.11 and
older there is nothing to do.
"""

import importlib
import importlib.util
import sys
import types

MOVES = {
    "configparser": "configparser",
    "http_client": "http.client",
    "queue": "queue",
    "urllib": "urllib",
    "urllib.parse": "urllib.parse",
    "urllib.request": "urllib.request",
    "urllib.error": "urllib.error",
    "urllib.response": "urllib.response",
    "urllib.robotparser": "urllib.robotparser",
    "_thread": "_thread",
    "cPickle": "pickle",
    "html_parser": "html.parser",
    "reload_module": None,
}


def install(force=False):
    """Registers what is missing. force registers the moves on any Python, to test the shim itself."""
    if sys.version_info < (3, 12) and not force:
        return
    _moves()
    if importlib.util.find_spec("imp") is None:
        sys.modules.setdefault("imp", _imp())
    _ssl()


def _moves():
    import io

    moves = types.ModuleType("boto.vendored.six.moves")
    moves.__path__ = []  # a package, so that its submodules can be imported
    prefix = moves.__name__
    for name, target in MOVES.items():
        module = importlib.reload if target is None else importlib.import_module(target)
        if "." not in name:
            setattr(moves, name, module)
        if target is not None:
            sys.modules[f"{prefix}.{name}"] = module
    moves.filter, moves.map, moves.zip, moves.range, moves.xrange, moves.input = filter, map, zip, range, range, input
    moves.StringIO, moves.cStringIO = io.StringIO, io.StringIO
    sys.modules[prefix] = moves


def _imp():
    """The two functions of imp that boto's plugin loader names. It calls them only for configured plugins."""
    imp = types.ModuleType("imp")

    def load_source(name, path):
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    imp.load_source = load_source
    imp.load_module = lambda name, file, path, description: load_source(name, path)
    imp.find_module = lambda name, paths=None: (_ for _ in ()).throw(ImportError(name))
    return imp


def _ssl():
    import ssl

    def gone(*_, **__):
        raise NotImplementedError("boto2 over TLS needs Python 3.11 or older")

    for name in ("wrap_socket", "match_hostname"):
        if not hasattr(ssl, name):
            setattr(ssl, name, gone)
