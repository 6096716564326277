"""A journal segment as the archivist reads it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from credit.errors import OctroiError
from records.frame import Damage, Frame, scan
from records.journal import JOURNAL_FORMAT, SUFFIX
from records.record import DecisionRecord, SegmentHeader

_HEADER = msgspec.json.Decoder(SegmentHeader)
_RECORDS = msgspec.json.Decoder(list[DecisionRecord])


class UnreadableSegment(OctroiError):
    """A segment whose header cannot be read, or whose format is not known here."""


@dataclass(frozen=True)
class Chunk:
    """Whole frames read from a segment: their decisions, the bytes lost between them, where to go on."""

    header: SegmentHeader
    records: list[DecisionRecord]
    damaged_bytes: int
    end: int


def segments(folder: Path) -> list[Path]:
    """The segments in *folder*, oldest first; none when the folder does not exist yet."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def read_chunk(path: Path, start: int, max_bytes: int = 8 << 20) -> Chunk:
    """The decisions in *path* from *start* on (0 or a former chunk's end).

    Reads past *max_bytes* only to complete one frame.
    """
    with path.open("rb") as file:
        header, first = _header(path, file.read(1 << 20))
        start = max(start, first)
        file.seek(start)
        data = file.read(max_bytes)
        parts = list(scan(data))
        if not parts and len(data) == max_bytes:
            parts = list(scan(data + file.read()))
    frames = [part for part in parts if isinstance(part, Frame)]
    damage = sum(part.end - part.start for part in parts if isinstance(part, Damage))
    records = [record for frame in frames for record in _RECORDS.decode(frame.payload)]
    return Chunk(header, records, damage, start + (frames[-1].end if frames else 0))


def _header(path: Path, data: bytes) -> tuple[SegmentHeader, int]:
    first = next(scan(data), None)
    if not isinstance(first, Frame):
        raise UnreadableSegment(f"{path} has no readable header")
    header = _HEADER.decode(first.payload)
    if header.format != JOURNAL_FORMAT:
        raise UnreadableSegment(f"{path} has journal format {header.format}, not {JOURNAL_FORMAT}")
    return header, first.end


@contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Whether the segment's writer is gone; while the block runs nobody else can take it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)
