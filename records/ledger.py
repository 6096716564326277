"""Puts decisions into the tables: numbered without gaps, each once, counted in the same transaction."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter

import msgspec
import sqlalchemy as sa

from records.anomaly import add_warnings, note
from records.chain import CHAINED, decision_hash, event_hash, personal_digest
from records.record import Anomaly, DecisionRecord, SegmentHeader
from records.rollups import ANSWERED, add_decisions, add_errors
from records.tables import chain_events, chain_head, model_features, prediction_inputs, predictions
from records.writer import ValueRefused, refusals_named, write

# A thousand ids as one value: as many values, they would cost more than the search.
_AMONG = {
    "sqlite": "SELECT value FROM json_each(:ids)",
    "postgresql": "SELECT json_array_elements_text(CAST(:ids AS json))",
}
_COLUMNS = [column.name for column in predictions.columns]
# What a record gives as it is stands together in the table.
_given = attrgetter(*_COLUMNS[1 : _COLUMNS.index("warnings")])
_chained = itemgetter(*map(_COLUMNS.index, CHAINED))
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision that the database does not take, and the kind of the reason."""

    record: DecisionRecord
    reason: str


class Head(msgspec.Struct, frozen=True):
    """Where a chain ends: its last decision, its last event, and the hash of whichever came later."""

    chain: str
    """The name of the chain: each database has one."""
    seq: int
    event: int
    hash: str


def read_head(connection: sa.Connection, *, lock: bool = False) -> Head:
    """The head as it is; with *lock* nobody else moves it until the transaction ends."""
    table = chain_head.c
    query = sa.select(table.chain, table.seq, table.event, table.hash)
    return Head(*connection.execute(query.with_for_update() if lock else query).one())


class Ledger:
    """The writing end of one transaction. While it is open, no other archivist numbers decisions."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._head = read_head(connection, lock=True)

    @property
    def head(self) -> Head:
        return self._head

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
        add_errors(self.connection, note(self.connection, found))

    def add_event(self, kind: str, body: object) -> None:
        """Make *body*, as JSON, the next link of the chain."""
        text = msgspec.json.encode(body).decode()
        values = (self._head.event + 1, self._head.seq, time.time_ns() // 1000, kind, text)
        digest = event_hash(self._head.hash, values)
        write(self.connection, chain_events, [(*values, digest)])
        self._head = msgspec.structs.replace(self._head, event=values[0], hash=digest)
        self._keep_head()

    def _write(self, records: list[DecisionRecord]) -> list[Refused]:
        """Write *records* but those the database refuses, which it returns: halves until each is found."""
        if not records:
            return []
        try:
            with refusals_named(), self.connection.begin_nested():
                head = self._write_all(records)
        except ValueRefused as refusal:
            if len(records) == 1:
                return [Refused(records[0], str(refusal))]
            middle = len(records) // 2
            return self._write(records[:middle]) + self._write(records[middle:])
        self._head = head
        return []

    def _write_all(self, records: list[DecisionRecord]) -> Head:
        """Write *records* after the head; where the chain ends then."""
        rows, inputs, head = _linked(self._head, records)
        write(self.connection, predictions, rows)
        write(self.connection, prediction_inputs, inputs)
        add_decisions(self.connection, records)
        add_warnings(self.connection, records)
        return head

    def _keep_head(self) -> None:
        head = self._head
        self.connection.execute(sa.update(chain_head).values(seq=head.seq, event=head.event, hash=head.hash))

    def _name_features(self, header: SegmentHeader) -> None:
        there = sa.exists().where(model_features.c.model_sha256 == header.model_sha256)
        if self.connection.scalar(sa.select(there)):
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
        self.connection.execute(sa.insert(model_features), rows)

    def _known(self, ids: list[str]) -> set[str]:
        given = sa.text(_AMONG[self.connection.dialect.name]).bindparams(
            ids=msgspec.json.encode(ids).decode()
        )
        there = sa.select(predictions.c.decision_id).where(predictions.c.decision_id.in_(given))
        return set(self.connection.scalars(there))


_Rows = list[tuple[object, ...]]


def _linked(head: Head, records: Sequence[DecisionRecord]) -> tuple[_Rows, _Rows, Head]:
    """The rows of *records* in `predictions` and in `prediction_inputs`, and the head they lead to."""
    rows: _Rows = []
    inputs: _Rows = []
    digest = head.hash
    salts = os.urandom(_SALT_BYTES * len(records))
    for place, record in enumerate(records):
        seq = head.seq + 1 + place
        salt = salts[_SALT_BYTES * place : _SALT_BYTES * (place + 1)]
        text = bytes(record.inputs).decode()
        personal = personal_digest(salt, record.sk_id_curr, record.amt_credit, text)
        warnings = msgspec.json.encode(record.warnings).decode()
        row = (seq, *_given(record), warnings, ANSWERED, personal)
        digest = decision_hash(digest, _chained(row))
        rows.append((*row, digest))
        inputs.append((seq, text, salt))
    end = msgspec.structs.replace(head, seq=head.seq + len(records), hash=digest)
    return rows, inputs, end
