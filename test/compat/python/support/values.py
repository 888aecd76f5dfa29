"""Values that something on the way has been known to change, and the digests of SQS, written from AWS's documentation."""

import hashlib
import itertools
import os
import re
import struct

HOSTILE_BODIES = {
    "plain": "hello",
    "one byte": "x",
    "space around": "  lead and trail  ",
    "only spaces": "   ",
    "carriage return": "a\rb\r",
    "crlf": "a\r\nb\r\n",
    "newlines": "\na\n\nb\n",
    "tabs": "\ta\t",
    "xml": "<a b=\"c\">d</a> & 'e' &amp; &quot; &#13; ]]> <![CDATA[ <!--",
    "quoted entity": '"&quot;',
    "json": '{"a": "\\u0000 \\n", "b": [1, null]}',
    "form": "a=b&c=d%20e+f;g?#",
    "percent": "100% %41 %zz %",
    "plus and space": "1 + 1 = 2",
    "backslash": "\\ \\\\ \\u0041 \\n",
    "accents": "café naïve ø ß ä",
    "snowman": "☃",
    "emoji": "😀 👩‍👩‍👧 🇧🇷",
    "right to left": "שלום \u202eabc",
    "line separators": "a\u2028b\u2029c\u0085d",
    "byte order mark": "\ufeffabc",
    "replacement": "\ufffd\ufffd",
    "edges": "\ud7ff\ue000\ufffd\U00010000\U0010ffff",
    "delete": "a\u007fb",
    "combining": "e\u0301 \u00e9",
    "base64 lookalike": "AAECAwQF",
    "no-break spaces": "\u00a0a\u00a0\u3000",
}

FORBIDDEN_BODIES = {
    "nul": "a\x00b",
    "backspace": "a\x08b",
    "escape": "a\x1bb",
    "U+FFFE": "a\ufffeb",
    "U+FFFF": "a\uffffb",
}

_serial = itertools.count(1)


def unique_name(label):
    """A queue name that no other test uses: purges and names are blocked for a while after use."""
    label = re.sub(r"[^A-Za-z0-9_-]+", "-", label)[:50]
    return f"{label}-{os.getpid()}-{next(_serial)}"


def body_md5(body):
    return hashlib.md5(body.encode()).hexdigest()


def attributes_md5(attributes):
    """attributes: {name: (data type, str or bytes)}."""
    digest = hashlib.md5()

    def put(data):
        digest.update(struct.pack(">I", len(data)))
        digest.update(data)

    for name in sorted(attributes, key=str.encode):
        data_type, value = attributes[name]
        put(name.encode())
        put(data_type.encode())
        digest.update(b"\x02" if data_type.startswith("Binary") else b"\x01")
        put(value if isinstance(value, bytes) else value.encode())
    return digest.hexdigest()


assert attributes_md5({"color": ("String", "blue"), "count": ("Number", "3"), "blob": ("Binary", b"\1\2\3")}) == (
    "d838729972a4b70e2d2acd9d59ac847c"
)  # recorded from AWS
