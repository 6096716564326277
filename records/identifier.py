"""Names that nobody else gives: of decisions, in the order of time, and of requests."""

import os
import struct
import time
from functools import partial
from itertools import chain

_unpacked = struct.Struct("<512Q").unpack
# Fetched many at a time: at the rate of requests, a system call for each would be felt.
_words = chain.from_iterable(map(_unpacked, iter(partial(os.urandom, 4096), b"")))
"""Random words of 64 bits. A forked process would repeat those of its parent; ours are started."""


def uuid7() -> str:
    """A uuid7 (RFC 9562): milliseconds, the 4096 parts of one, 62 random bits; in time order as text.

    The clock is never run ahead, however many are made in a millisecond.

    >>> first = uuid7()
    >>> len(first), first[14], first < uuid7()
    (36, '7', True)
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    high = milliseconds << 16 | 0x7000 | rest * 4096 // 1_000_000
    text = f"{high:016x}{next(_words) >> 2 | 1 << 63:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def random_name() -> str:
    """32 random hexadecimal digits."""
    return f"{next(_words):016x}{next(_words):016x}"
