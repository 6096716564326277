"""What became of the loans: repaid or defaulted, told once they are over."""

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec
import sqlalchemy as sa

from credit.errors import OctroiError, UnknownDecision
from records.database import Database
from records.decision import is_id
from records.tables import outcomes, predictions
from records.upsert import insert

_COLUMNS = ["decision_id", "outcome", "date"]
_ROWS = 500


class InvalidOutcome(OctroiError):
    """An outcome that cannot be meant."""


class End(StrEnum):
    """How a loan ended."""

    REPAID = "repaid"
    DEFAULTED = "defaulted"


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the loan that a decision was about ended, and when that was seen."""

    decision_id: str
    outcome: End
    date: date


@dataclass(frozen=True, slots=True)
class Told:
    """What telling outcomes changed."""

    new: int = 0
    corrected: int = 0
    """Decisions that had another outcome, or another date, before."""
    unchanged: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(self.new + other.new, self.corrected + other.corrected, self.unchanged + other.unchanged)


def tell(database: Database, told: list[Outcome]) -> Told:
    """Record outcomes, the last of each decision; told again, nothing changes.

    `UnknownDecision` names one that is not in the records, `InvalidOutcome` one of the future; then none
    is recorded.
    """
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    for one in told:
        if one.date > tomorrow:
            raise InvalidOutcome(f"the outcome of decision {one.decision_id} is of the future: {one.date}")
        if not is_id(one.decision_id):
            raise UnknownDecision("an outcome names what is no decision's id")
    given = {one.decision_id: one for one in told}
    with database.writing() as connection:
        unknown = given.keys() - _known(connection, list(given))
        if unknown:
            more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
            raise UnknownDecision(f"no decision {min(unknown)}{more} in the records")
        before = _before(connection, list(given))
        changed = [one for one in given.values() if before.get(one.decision_id) != (one.outcome, one.date)]
        if changed:
            add = insert(connection, outcomes)
            values = {name: add.excluded[name] for name in ("defaulted", "observed_on", "recorded_at_us")}
            statement = add.on_conflict_do_update(index_elements=["decision_id"], set_=values)
            connection.execute(statement, list(map(_row, changed)))
    corrected = sum(one.decision_id in before for one in changed)
    return Told(len(changed) - corrected, corrected, len(given) - len(changed))


def load(database: Database, path: Path, report: Callable[[float], None]) -> Told:
    """Record the outcomes in a CSV file with the columns decision_id, outcome (repaid, defaulted) and date.

    `InvalidOutcome` names the line that cannot be read; the lines before it may be recorded already.
    """
    size = max(path.stat().st_size, 1)
    told, page, done = Told(), list[Outcome](), 0
    for outcome, length in _lines(path):
        page.append(outcome)
        done += length
        if len(page) == _ROWS:
            told += tell(database, page)
            page = []
            report(min(1.0, done / size))
    return told + tell(database, page)


def _lines(path: Path) -> Iterator[tuple[Outcome, int]]:
    """Each outcome, and about how many bytes of the file it took."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if sorted(header) != sorted(_COLUMNS):
            raise InvalidOutcome(f"{path} must begin with the line {','.join(_COLUMNS)}")
        for row in rows:
            if row:
                yield _read(dict(zip(header, row, strict=False)), rows.line_num, path), len(",".join(row)) + 1


def _read(row: dict[str, str], line: int, path: Path) -> Outcome:
    try:
        return msgspec.convert(row, Outcome)
    except msgspec.ValidationError as error:
        raise InvalidOutcome(f"{path}, line {line}: {error}") from error


def _known(connection: sa.Connection, ids: list[str]) -> set[str]:
    query = sa.select(predictions.c.decision_id).where(predictions.c.decision_id.in_(ids))
    return set(connection.scalars(query))


def _before(connection: sa.Connection, ids: list[str]) -> dict[str, tuple[End, date]]:
    query = sa.select(outcomes).where(outcomes.c.decision_id.in_(ids))
    return {
        row.decision_id: (End.DEFAULTED if row.defaulted else End.REPAID, row.observed_on)
        for row in connection.execute(query)
    }


def _row(one: Outcome) -> dict[str, object]:
    return {
        "decision_id": one.decision_id,
        "defaulted": one.outcome is End.DEFAULTED,
        "observed_on": one.date,
        "recorded_at_us": time.time_ns() // 1000,
    }
