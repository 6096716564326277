"""A journal segment as the archivist reads it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from credit.errors import OctroiError
from records.frame import Damage, Frame, scan
from records.journal import JOURNAL_FORMAT, OPENING, SUFFIX
from records.lock import try_lock
from records.record import DecisionRecord, ErrorReport, SegmentHeader

_PIECE = 1 << 20


class UnreadableSegment(OctroiError):
    """A segment no copy of whose header can be read."""


class UnknownFormat(OctroiError):
    """A segment that another version of Octroi, or something else, wrote."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The decisions of one frame, and its bytes as they were written."""

    payload: bytes
    records: list[DecisionRecord]


@dataclass(frozen=True, slots=True)
class Lost:
    """Bytes of a segment that are no decision."""

    start: int
    data: bytes
    kind: Literal["damaged", "torn", "unreadable"]
    """Damaged between frames, cut off at the end, or a frame as it was written that means nothing here."""
    reason: str = ""


@dataclass(slots=True)
class Chunk:
    """What was read from a segment, and where to go on."""

    end: int
    batches: list[Batch] = field(default_factory=list)
    reports: list[ErrorReport] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)

    @property
    def records(self) -> list[DecisionRecord]:
        return [record for batch in self.batches for record in batch.records]


class Segment:
    """A segment whose header could be read, from any of its copies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self.header = _header(path, file)

    def read(self, start: int, max_bytes: int = 8 << 20) -> Chunk:
        """What lies from *start* on (0 or a former chunk's end); past *max_bytes* only to end a frame."""
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(max_bytes)
            parts = list(scan(data))
            if not parts and len(data) == max_bytes:
                data += file.read()
                parts = list(scan(data))
        chunk = Chunk(start)
        for part in parts:
            if isinstance(part, Damage):
                lost = data[part.start : part.end]
                chunk.lost.append(Lost(start + part.start, lost, "damaged"))
            else:
                _take(part, start, chunk)
            chunk.end = start + part.end
        return chunk

    def tail(self, start: int) -> Lost | None:
        """What lies from *start* on when nobody writes any more: a frame that was cut off."""
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read()
        return Lost(start, data, "torn") if data else None


def segments(folder: Path) -> list[Path]:
    """The segments in *folder*, oldest first; none when the folder does not exist yet."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def leftovers(folder: Path, older_than_s: float = 60.0) -> list[Path]:
    """Segments that never got their name because their writers died; a young one may still get it."""
    before = time.time() - older_than_s
    return [path for path in folder.glob(f"*{OPENING}") if path.stat().st_mtime < before and _is_free(path)]


def live(folder: Path) -> int:
    """How many segments in *folder* still have a writer."""
    return sum(not _is_free(path) for path in segments(folder))


def _is_free(path: Path) -> bool:
    with try_lock(path) as free:
        return free


def _take(frame: Frame, offset: int, chunk: Chunk) -> None:
    """Add what *frame* holds; a copy of the header is nothing new."""
    try:
        if frame.payload.startswith(b"["):
            chunk.batches.append(Batch(frame.payload, _RECORDS.decode(frame.payload)))
            return
        found = _OTHERS.decode(frame.payload)
    except msgspec.DecodeError as error:
        # Its text names types and places, never values.
        start = offset + frame.end - len(frame.payload)
        chunk.lost.append(Lost(start, frame.payload, "unreadable", str(error)))
        return
    if isinstance(found, ErrorReport):
        chunk.reports.append(found)


class _AnyFormat(msgspec.Struct):
    """What the header of every format has."""

    format: int


_RECORDS = msgspec.json.Decoder(list[DecisionRecord])
_OTHERS = msgspec.json.Decoder(SegmentHeader | ErrorReport)
_HEADER = msgspec.json.Decoder(SegmentHeader)
_ANY_HEADER = msgspec.json.Decoder(_AnyFormat)


def _header(path: Path, file: BinaryIO) -> SegmentHeader:
    for frame in _frames(file):
        if not frame.payload.startswith(b"{"):
            continue
        try:
            found = _ANY_HEADER.decode(frame.payload).format
            if found != JOURNAL_FORMAT:
                raise UnknownFormat(f"{path} has journal format {found}, not {JOURNAL_FORMAT}")
            return _HEADER.decode(frame.payload)
        except msgspec.DecodeError as error:
            raise UnknownFormat(f"{path} has a header of another kind: {error}") from error
    raise UnreadableSegment(f"{path} has no readable header")


def _frames(file: BinaryIO) -> Iterator[Frame]:
    data = b""
    while piece := file.read(_PIECE):
        data += piece
        end = 0
        for part in scan(data):
            end = part.end
            if isinstance(part, Frame):
                yield part
        data = data[end:]
