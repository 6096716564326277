"""Puts decisions into the tables: numbered without gaps, each once, counted in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import msgspec
import sqlalchemy as sa

from records.anomaly import add_warnings, note
from records.record import Anomaly, DecisionRecord, SegmentHeader
from records.rollups import ANSWERED, add_decisions, add_errors
from records.tables import chain_head, model_features, prediction_inputs, predictions
from records.writer import ValueRefused, refusals_named, write

# A thousand ids as one value: as many values, they would cost more than the search.
_AMONG = {
    "sqlite": "SELECT value FROM json_each(:ids)",
    "postgresql": "SELECT json_array_elements_text(CAST(:ids AS json))",
}
_COLUMNS = [column.name for column in predictions.columns]
# What a record gives as it is stands together in the table.
_given = attrgetter(*_COLUMNS[1 : _COLUMNS.index("warnings")])


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision that the database does not take, and the kind of the reason."""

    record: DecisionRecord
    reason: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends."""

    seq: int


class Ledger:
    """The writing end of one transaction. While it is open, no other archivist numbers decisions."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._head = Head(connection.execute(sa.select(chain_head.c.seq).with_for_update()).scalar_one())

    def add(self, header: SegmentHeader, records: Sequence[DecisionRecord]) -> tuple[int, list[Refused]]:
        """Write those of *records* that are not there yet; how many that was, and what was refused."""
        self._name_features(header)
        # A text of PostgreSQL cannot hold a NUL, so an id with one is not there.
        known = self._known([one.decision_id for one in records if "\0" not in one.decision_id])
        new = {record.decision_id: record for record in records if record.decision_id not in known}
        before = self._head.seq
        refused = self._write(list(new.values()))
        self._keep_head()
        return self._head.seq - before, refused

    def note(self, found: Sequence[Anomaly]) -> None:
        """Write those of *found* that were not told before, and count the errors among them."""
        add_errors(self._connection, note(self._connection, found))

    def _write(self, records: list[DecisionRecord]) -> list[Refused]:
        """Write *records* but those the database refuses, which it returns: halves until each is found."""
        if not records:
            return []
        try:
            with refusals_named(), self._connection.begin_nested():
                self._write_all(records)
        except ValueRefused as refusal:
            if len(records) == 1:
                return [Refused(records[0], str(refusal))]
            middle = len(records) // 2
            return self._write(records[:middle]) + self._write(records[middle:])
        self._head = replace(self._head, seq=self._head.seq + len(records))
        return []

    def _write_all(self, records: list[DecisionRecord]) -> None:
        numbered = list(enumerate(records, start=self._head.seq + 1))
        write(self._connection, predictions, [_prediction(seq, record) for seq, record in numbered])
        write(self._connection, prediction_inputs, [_inputs(seq, record) for seq, record in numbered])
        add_decisions(self._connection, records)
        add_warnings(self._connection, records)

    def _keep_head(self) -> None:
        self._connection.execute(sa.update(chain_head).values(seq=self._head.seq))

    def _name_features(self, header: SegmentHeader) -> None:
        there = sa.exists().where(model_features.c.model_sha256 == header.model_sha256)
        if self._connection.scalar(sa.select(there)):
            return
        words = set(header.words)
        rows = [
            {
                "model_sha256": header.model_sha256,
                "position": position,
                "name": name,
                "is_word": name in words,
                "is_used": position < header.width,
            }
            for position, name in enumerate(header.features)
        ]
        self._connection.execute(sa.insert(model_features), rows)

    def _known(self, ids: list[str]) -> set[str]:
        given = sa.text(_AMONG[self._connection.dialect.name]).bindparams(
            ids=msgspec.json.encode(ids).decode()
        )
        there = sa.select(predictions.c.decision_id).where(predictions.c.decision_id.in_(given))
        return set(self._connection.scalars(there))


def _prediction(seq: int, record: DecisionRecord) -> tuple[object, ...]:
    return (seq, *_given(record), msgspec.json.encode(record.warnings).decode(), ANSWERED, None, None)


def _inputs(seq: int, record: DecisionRecord) -> tuple[object, ...]:
    return seq, bytes(record.inputs).decode(), None
