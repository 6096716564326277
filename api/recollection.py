"""What was recorded under given decision ids, as it was answered or would have been."""

import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa

from api.answer import Answer
from api.archive import Archive
from credit.finding import Finding
from records.record import DecisionRecord
from records.segment import Segment, segments
from records.tables import predictions

_FIELDS = tuple(
    name
    for name in Answer.__struct_fields__
    if name not in {"probability_approval", "warnings", "inference_time_ms"}
)
"""What a record and an answer have in common."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """The journals of this host, and the database behind them."""

    journal: Path
    archive: Archive

    def answers(self, decision_ids: Sequence[str]) -> list[Answer] | None:
        """The answers to the request recorded under *decision_ids*; `None` if it never was.

        `DatabaseUnavailable` when that cannot be said.
        """
        # What the archivist moves meanwhile is in the database before it leaves the journal.
        return self._in_journal(decision_ids) or self._in_database(decision_ids)

    def _in_journal(self, decision_ids: Sequence[str]) -> list[Answer] | None:
        for path in segments(self.journal):
            with suppress(FileNotFoundError):
                if _holds(path, decision_ids[0].encode()) and (found := _read(path, decision_ids[0])):
                    return [_of_record(record) for record in found]
        return None

    def _in_database(self, decision_ids: Sequence[str]) -> list[Answer] | None:
        names = [*_FIELDS, "warnings", "latency_us"]
        query = sa.select(*(predictions.c[name] for name in names)).where(
            predictions.c.decision_id.in_(decision_ids)
        )
        found = {row.decision_id: _of_row(row) for row in self.archive.database.rows(query)}
        return [found[one] for one in decision_ids] if len(found) == len(decision_ids) else None


def _holds(path: Path, words: bytes) -> bool:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(words) >= 0


def _read(path: Path, decision_id: str) -> list[DecisionRecord] | None:
    """The records of the frame that begins with *decision_id*, on the disk when this returns."""
    segment, start = Segment(path), 0
    while True:
        chunk = segment.read(start)
        for batch in chunk.batches:
            if batch.records[0].decision_id == decision_id:
                _sync(path)
                return batch.records
        if chunk.end == start:
            return None
        start = chunk.end


def _sync(path: Path) -> None:
    """Its writer may have died before it did so."""
    with path.open("rb") as file:
        os.fdatasync(file.fileno())


def _of_record(record: DecisionRecord) -> Answer:
    return _answer(record, record.warnings, record.latency_us)


def _of_row(row: sa.Row[*tuple[object, ...]]) -> Answer:
    warnings = msgspec.json.decode(row.warnings, type=tuple[Finding, ...])
    return _answer(row, warnings, row.latency_us)


def _answer(source: object, warnings: tuple[Finding, ...], latency_us: int) -> Answer:
    common = {name: getattr(source, name) for name in _FIELDS}
    return Answer(
        **common,
        probability_approval=1.0 - common["probability_default"],
        warnings=warnings,
        inference_time_ms=latency_us / 1000,
    )
