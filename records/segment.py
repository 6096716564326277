"""A journal segment as the archivist reads it."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from credit.errors import OctroiError
from records.frame import Damage, Frame, scan
from records.journal import JOURNAL_FORMAT, SUFFIX
from records.lock import try_lock
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
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


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
    records: list[DecisionRecord] = []
    damaged = end = 0
    for part in parts:
        if isinstance(part, Damage):
            damaged += part.end - part.start
            continue
        damaged += _decode(part, records)
        end = part.end
    return Chunk(header, records, damaged, start + end)


def _decode(frame: Frame, into: list[DecisionRecord]) -> int:
    """Add the decisions of *frame*; the number of its bytes when they are none."""
    try:
        into += _RECORDS.decode(frame.payload)
    except msgspec.DecodeError:
        return len(frame.payload)
    return 0


def _header(path: Path, data: bytes) -> tuple[SegmentHeader, int]:
    first = next(scan(data), None)
    if not isinstance(first, Frame):
        raise UnreadableSegment(f"{path} has no readable header")
    try:
        header = _HEADER.decode(first.payload)
    except msgspec.DecodeError as error:
        raise UnreadableSegment(f"{path} has a header of another kind: {error}") from error
    if header.format != JOURNAL_FORMAT:
        raise UnreadableSegment(f"{path} has journal format {header.format}, not {JOURNAL_FORMAT}")
    return header, first.end


def live(folder: Path) -> int:
    """How many segments in *folder* still have a writer."""
    return sum(not _is_free(path) for path in segments(folder))


def _is_free(path: Path) -> bool:
    with try_lock(path) as free:
        return free
