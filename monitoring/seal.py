"""A checksum that bytes carry inside themselves: libraries in C read damaged ones to their death."""

import hashlib

BLANK = 64 * "0"
"""Stands where the checksum will."""


def sealed(data: bytes) -> bytes:
    """*data*, in which `BLANK` stands, with its checksum in that place.

    >>> whole = sealed(b"sum: " + BLANK.encode() + b", all there is")
    >>> is_whole(whole, whole[5:69].decode()), is_whole(whole[:-1], whole[5:69].decode())
    (True, False)
    """
    return data.replace(BLANK.encode(), hashlib.sha256(data).hexdigest().encode(), 1)


def is_whole(data: bytes, seal: str) -> bool:
    """Whether *data*, in which *seal* stands, are as they were when they were sealed with it."""
    return hashlib.sha256(data.replace(seal.encode(), BLANK.encode(), 1)).hexdigest() == seal
