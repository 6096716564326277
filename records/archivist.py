"""Moves decisions from the journals into the database, each exactly once."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from records.database import Database
from records.journal import sync_folder
from records.lock import try_lock
from records.segment import Chunk, UnreadableSegment, read_chunk, segments

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Moved:
    """What one pass over the journal did."""

    records: int
    """Decisions that were new to the database."""
    finished: int
    """Segments that were deleted: read to their end, their writers gone."""


class Archivist:
    """Reads every segment on from where it left off; deletes it when its writer is gone and it is read."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._ends: dict[Path, int] = {}
        self._unreadable: set[Path] = set()
        self._damaged: set[Path] = set()

    def move(self) -> Moved:
        """Write what the segments hold by now into the database."""
        records = finished = 0
        for path in segments(self._folder):
            if path in self._unreadable:
                continue
            try:
                with try_lock(path) as writer_gone:
                    # Asked before reading: what a live writer adds meanwhile is for the next pass.
                    records += self._drain(path)
                    if writer_gone:
                        self._finish(path)
                    finished += writer_gone
            except UnreadableSegment as error:
                self._unreadable.add(path)
                log.error("segment_unreadable", segment=path.name, reason=str(error))
        return Moved(records, finished)

    def _drain(self, path: Path) -> int:
        records = 0
        while path.stat().st_size > self._ends.get(path, 0):
            chunk = read_chunk(path, self._ends.get(path, 0))
            records += self._store(path, chunk)
            if chunk.end == self._ends.get(path):
                break  # what follows is being written, or torn
            self._ends[path] = chunk.end
        return records

    def _store(self, path: Path, chunk: Chunk) -> int:
        if chunk.damaged_bytes:
            self._damaged.add(path)
            log.error("segment_damaged", segment=path.name, damaged_bytes=chunk.damaged_bytes)
        return self._database.add(chunk.header, chunk.records) if chunk.records else 0

    def _finish(self, path: Path) -> None:
        """Delete a segment that is wholly in the database; one with bytes nobody could read is set aside."""
        unread = path.stat().st_size - self._ends.pop(path, 0)
        if unread:
            # The write was cut off before it was durable, so nobody was answered.
            log.warning("segment_tail_torn", segment=path.name, torn_bytes=unread)
        if unread or path in self._damaged:
            path.rename(path.with_suffix(".damaged"))
        else:
            path.unlink()
        sync_folder(self._folder)
