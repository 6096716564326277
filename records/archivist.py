"""Moves decisions from the journals into the database, each exactly once."""

import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from records.anomaly import DAMAGED_JOURNAL, REFUSED_RECORD, UNREADABLE_RECORD
from records.backlog import note_archived
from records.database import Database
from records.durable import sync_folder
from records.journal import HEADER_EVERY
from records.ledger import Refused
from records.lock import try_lock
from records.quarantine import DAMAGED, Quarantine, record_name
from records.record import Anomaly
from records.segment import (
    Batch,
    Chunk,
    Lost,
    Segment,
    UnknownFormat,
    UnreadableSegment,
    leftovers,
    segments,
)

log = structlog.get_logger()

_EVENTS = {"damaged": "segment_damaged", "torn": "segment_tail_torn", "unreadable": "record_unreadable"}


@dataclass(frozen=True, slots=True)
class Moved:
    """What one pass over the journal did."""

    records: int = 0
    """Decisions that were new to the database."""
    finished: int = 0
    """Segments that were deleted: read to their end, their writers gone."""
    failed: int = 0
    """Segments that could not be read, deleted or cleared of what was damaged."""

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.records + other.records, self.finished + other.finished, self.failed + other.failed)


@dataclass(slots=True)
class _Reading:
    """A segment, and how far it is in the database."""

    segment: Segment
    end: int = 0


class Archivist:
    """Reads every segment on from where it left off; deletes it when its writer is gone and it is read."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._quarantine = Quarantine(folder)
        self._readings: dict[Path, _Reading] = {}
        self._headless: dict[Path, int] = {}
        self._unknown: set[Path] = set()
        self._told: dict[str, int] | None = None

    def move(self) -> Moved:
        """Write what the segments hold by now into the database."""
        moved = Moved()
        for path in segments(self._folder):
            if path in self._unknown:
                continue
            try:
                moved += self._move(path)
            except OSError as error:
                log.error("segment_not_moved", segment=path.name, reason=str(error))
                moved += Moved(failed=1)
        self._tidy()
        return moved

    def _tidy(self) -> None:
        for path in leftovers(self._folder):
            log.warning("leftover_removed", file=path.name)
            path.unlink()
        ends = {path.name: reading.end for path, reading in self._readings.items()}
        if ends != self._told:
            note_archived(self._folder, ends)
            self._told = ends

    def _move(self, path: Path) -> Moved:
        with try_lock(path) as writer_gone:
            # Asked before reading: what a live writer adds meanwhile is for the next pass.
            reading = self._reading(path, writer_gone)
            if reading is None:
                return Moved()
            records = self._drain(reading)
            if writer_gone:
                self._finish(reading)
            return Moved(records, finished=int(writer_gone))

    def _reading(self, path: Path, writer_gone: bool) -> _Reading | None:
        """The segment in *path*; `None` when nothing can be made of it now, which is said once."""
        if path in self._readings:
            return self._readings[path]
        size = path.stat().st_size
        if not writer_gone and size < self._headless.get(path, 0) + HEADER_EVERY and path in self._headless:
            return None  # another copy of its header has not come yet
        try:
            self._readings[path] = _Reading(Segment(path))
        except UnknownFormat as error:
            self._unknown.add(path)
            log.error("segment_of_unknown_format", segment=path.name, reason=str(error))
            return None
        except UnreadableSegment:
            self._give_up(path, size, writer_gone)
            return None
        return self._readings[path]

    def _give_up(self, path: Path, size: int, writer_gone: bool) -> None:
        """Nothing of this segment can be read: keep it whole, once nobody writes it any more."""
        if path not in self._headless and size:
            log.error("segment_unreadable", segment=path.name)
        self._headless[path] = size
        if not writer_gone:
            return
        if size:
            self._database.note([_damaged(path, Lost(0, b"", "damaged", "no readable header"))])
            path.rename(path.with_suffix(DAMAGED))
        else:
            path.unlink()
        sync_folder(self._folder)

    def _drain(self, reading: _Reading) -> int:
        records = 0
        while reading.segment.path.stat().st_size > reading.end:
            chunk = reading.segment.read(reading.end)
            records += self._store(reading.segment, chunk)
            if chunk.end == reading.end:
                break  # what follows is being written, or torn
            reading.end = chunk.end
        return records

    def _store(self, segment: Segment, chunk: Chunk) -> int:
        found = [anomaly for report in chunk.reports for anomaly in report.anomalies]
        found += [self._set_aside(segment.path, lost) for lost in chunk.lost]
        if not (found or chunk.batches):
            return 0
        added = self._database.add(segment.header, chunk.records, found)
        if added.refused:
            self._database.note([self._refuse(segment, chunk.batches, one) for one in added.refused])
        return added.new

    def _set_aside(self, path: Path, lost: Lost) -> Anomaly:
        if self._quarantine.keep_lost(path, lost):
            told = {"segment": path.name, "start": lost.start, "bytes": len(lost.data)}
            log.error(_EVENTS[lost.kind], **told, reason=lost.reason)
        return _damaged(path, lost)

    def _refuse(self, segment: Segment, batches: list[Batch], refused: Refused) -> Anomaly:
        raw = _as_written(batches, refused)
        name = record_name(raw)
        if self._quarantine.keep_record(segment.header, raw, str(refused)):
            log.error("record_refused", record=name, segment=segment.path.name, reason=refused.reason)
        return Anomaly(
            happened_at_us=time.time_ns() // 1000,
            kind=REFUSED_RECORD,
            key=f"{REFUSED_RECORD}:{name}",
            decision_id=name,
            detail=refused.reason,
        )

    def _finish(self, reading: _Reading) -> None:
        """Delete a segment that is wholly in the database; bytes that nobody could read are kept aside."""
        path = reading.segment.path
        tail = reading.segment.tail(reading.end)
        if tail is not None:
            # The write was cut off before it was durable, so nobody was answered.
            self._database.note([self._set_aside(path, tail)])
        del self._readings[path]
        path.unlink()
        sync_folder(self._folder)


def _damaged(path: Path, lost: Lost) -> Anomaly:
    kind = UNREADABLE_RECORD if lost.kind == "unreadable" else DAMAGED_JOURNAL
    return Anomaly(
        happened_at_us=time.time_ns() // 1000,
        kind=kind,
        key=f"{kind}:{path.name}:{lost.start}",
        detail=f"{lost.kind} {lost.reason}: {len(lost.data)} bytes of {path.name} from {lost.start} on",
    )


def _as_written(batches: list[Batch], refused: Refused) -> bytes:
    """The bytes of a record, as its worker wrote them."""
    for batch in batches:
        for position, record in enumerate(batch.records):
            if record is refused.record:
                return bytes(msgspec.json.decode(batch.payload, type=list[msgspec.Raw])[position])
    raise AssertionError("a record that was not among those written was refused")
