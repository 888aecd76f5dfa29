"""Makes texts at random and says what boto2's message classes do with them, for the test that holds our codecs against
them.

    boto2_codecs.py SEED COUNT  >cases.json

The output is a list of {"class", "stored", "decoded", "encoded"}: decoded is the JSON text of what boto decodes stored
to, or null if it raises SQSDecodeError, and encoded is what boto encodes that to.
"""

import base64
import json
import os
import random
import struct
import sys

os.environ["BOTO_CONFIG"] = os.devnull
from support import boto2_shim  # noqa: E402

boto2_shim.install()

import boto  # noqa: E402
from boto.exception import SQSDecodeError  # noqa: E402

from boto2_read import message_class  # noqa: E402

boto.log.disabled = True
NOISE = "ab:é☃😀 \n\n\n\r\t\v\f\x00\x1c\x1d\x1e\x1f\x7f\x85\xa0\u1680\u180e\u2007\u200b\u2028\u2029\u202f\u3000\ufeff\uffff\"\\/<&"
BASE64 = "ABCDEFabcdef0123+/=="


def text(rnd, alphabet=NOISE, most=12):
    return "".join(rnd.choice(alphabet) for _ in range(rnd.randrange(most)))


def value(rnd, depth=0):
    kind = rnd.randrange(9 if depth < 4 else 7)
    if kind == 0:
        return rnd.choice([None, True, False, "", 0, -0.0, float("nan"), float("inf"), float("-inf")])
    if kind == 1:
        return rnd.randrange(-10 ** rnd.randrange(1, 40), 10 ** rnd.randrange(1, 40))
    if kind == 2:
        return struct.unpack("<d", rnd.randbytes(8))[0]
    if kind == 3:
        return rnd.randrange(10 ** 6) * 10.0 ** rnd.randrange(-12, 22)
    if kind == 4:
        return "".join(chr(rnd.choice([rnd.randrange(0x80), rnd.randrange(0x10000), rnd.randrange(0x110000)])) for _ in range(6))
    if kind in (5, 6):
        return text(rnd)
    if kind == 7:
        return [value(rnd, depth + 1) for _ in range(rnd.randrange(4))]
    return {text(rnd): value(rnd, depth + 1) for _ in range(rnd.randrange(24))}


def spoilt(rnd, stored):
    """stored with one character changed, taken out or put in."""
    at = rnd.randrange(len(stored) + 1)
    return stored[:at] + rnd.choice(["", "", *"{}[]\",:.\\eE0 1-+uNn\n"]) + stored[at + rnd.randrange(2):]


def stored(rnd, name):
    if name == "JSONMessage":
        body = json.dumps(value(rnd), ensure_ascii=rnd.random() < 0.8)
        if rnd.random() < 0.6:
            body = spoilt(rnd, body)
        body = body.encode("utf-8", "surrogatepass")
    else:
        body = text(rnd, most=40).encode()
    if name in ("RawMessage", "MHMessage"):
        return body.decode()
    body = base64.b64encode(body).decode()
    return rnd.choice([body, body, body, spoilt(rnd, body), text(rnd, BASE64 + NOISE), text(rnd, BASE64, 24)])


def main(seed, count):
    rnd = random.Random(int(seed))
    cases = []
    for _ in range(int(count)):
        name = rnd.choice(["RawMessage", "Message", "MHMessage", "EncodedMHMessage", "JSONMessage", "JSONMessage"])
        message = message_class(name)()
        case = {"class": name, "stored": stored(rnd, name), "decoded": None, "encoded": ""}
        try:
            body = message.decode(case["stored"])
            case.update(decoded=json.dumps(body), encoded=message.encode(body))
        except SQSDecodeError:
            pass
        cases.append(case)
    json.dump(cases, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
