"""Copies recorded decisions into a file, in constant memory."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from records.database import Database
from records.durable import publish
from records.sink import COLUMNS, FORMS
from records.tables import exports, predictions

_PAGE = 10_000
_TABLE = predictions.c
_COMPUTED = {
    "probability_approval": 1.0 - _TABLE.probability_default,
    "decided_at": _TABLE.decided_at_us,
    "latency_ms": _TABLE.latency_us / sa.literal(1000.0),
    "scoring_ms": _TABLE.scoring_us / sa.literal(1000.0),
}
_SELECTED = [_COMPUTED[name] if name in _COMPUTED else _TABLE[name] for name in COLUMNS]


@dataclass(frozen=True, slots=True)
class Between:
    """Decisions of a time: from *since_us* up to, and without, *until_us*; of all time by default."""

    since_us: int = 0
    until_us: int = 1 << 62

    def holds(self) -> sa.ColumnElement[bool]:
        """The condition on `predictions`."""
        return sa.and_(_TABLE.decided_at_us >= self.since_us, _TABLE.decided_at_us < self.until_us)


def export(
    database: Database, path: Path, form: str, between: Between, report: Callable[[float], None]
) -> int:
    """Write the decisions of a time into *path*, as *form* ("csv", "parquet"); how many they are.

    The file appears when it is whole, and the records tell of it before it does.
    """
    unfinished = path.with_name(path.name + ".part")
    first, last = _ends(database, between)
    count = 0
    try:
        with FORMS[form](unfinished) as sink:
            for rows, seq in _pages(database, between, first, last):
                sink.write(rows)
                count += len(rows)
                report((seq - first + 1) / (last - first + 1))
        note_copy(database, path, (first, last), count)
        publish(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def note_copy(database: Database, path: Path, seqs: tuple[int, int], decisions: int) -> None:
    """Keep in the records that *path* holds a copy of decisions, so that an erasure can name it."""
    values = {
        "made_at_us": time.time_ns() // 1000,
        "path": str(path.absolute()),
        "first_seq": seqs[0],
        "last_seq": seqs[1],
        "decisions": decisions,
    }
    with database.writing() as connection:
        connection.execute(sa.insert(exports).values(values))


def _ends(database: Database, between: Between) -> tuple[int, int]:
    """The first and the last number among the decisions of a time; of none, a range that is empty."""
    ends = sa.select(sa.func.min(_TABLE.seq), sa.func.max(_TABLE.seq)).where(between.holds())
    ((first, last),) = database.rows(ends)
    return (1, 0) if first is None else (int(first), int(last))


def _pages(
    database: Database, between: Between, first: int, last: int
) -> Iterator[tuple[list[tuple[Any, ...]], int]]:
    """The rows in order, and the number of the last of each page; no transaction outlives its page."""
    after = first - 1
    while after < last:
        query = (
            sa.select(_TABLE.seq, *_SELECTED)
            .where(_TABLE.seq > after, _TABLE.seq <= last, between.holds())
            .order_by(_TABLE.seq)
            .limit(_PAGE)
        )
        rows = database.rows(query)
        if not rows:
            return
        after = rows[-1][0]
        yield [tuple(row[1:]) for row in rows], after
