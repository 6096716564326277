"""The bytes of a journal: frames that can be told from damage, one after the other.

A frame is: magic (4 bytes), payload length, CRC-32 of the payload, CRC-32 of those twelve bytes
(little-endian uint32 each), payload.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"OJF1"
_HEAD = struct.Struct("<4sII")
_CHECK = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECK.size


def pack(payload: bytes) -> bytes:
    """The frame of *payload*."""
    head = _HEAD.pack(MAGIC, len(payload), zlib.crc32(payload))
    return head + _CHECK.pack(zlib.crc32(head)) + payload


@dataclass(frozen=True, slots=True)
class Frame:
    """A payload read back whole, and where the next frame begins."""

    payload: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no frame, between two that are."""

    start: int
    end: int


def scan(data: bytes, start: int = 0) -> Iterator[Frame | Damage]:
    """Every whole frame in *data* from *start*, and the damage between them.

    Stops before a tail that a writer may still be writing: an incomplete frame is not damage.
    """
    while True:
        frame = _read(data, start)
        if frame is not None:
            yield frame
            start = frame.end
            continue
        resumed = _next_frame(data, start + 1)
        if resumed is None:
            return
        yield Damage(start, resumed)
        start = resumed


def _next_frame(data: bytes, start: int) -> int | None:
    """Where the first whole frame at or after *start* begins."""
    while (start := data.find(MAGIC, start)) >= 0:
        if _read(data, start) is not None:
            return start
        start += 1
    return None


def _read(data: bytes, start: int) -> Frame | None:
    body = start + HEAD_BYTES
    if body > len(data):
        return None
    magic, length, payload_crc = _HEAD.unpack_from(data, start)
    (head_crc,) = _CHECK.unpack_from(data, start + _HEAD.size)
    if magic != MAGIC or head_crc != zlib.crc32(data[start : start + _HEAD.size]):
        return None
    payload = data[body : body + length]
    if len(payload) < length or zlib.crc32(payload) != payload_crc:
        return None
    return Frame(payload, body + length)
