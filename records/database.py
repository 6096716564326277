"""The database of decisions: what the archivist writes and everyone else reads."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import msgspec
import sqlalchemy as sa

from credit.errors import DatabaseUnavailable
from records.chain import ERASURE, RETENTION
from records.engine import first_row, open_engine, reading, scrub, writing
from records.ledger import Head, Ledger, Refused, read_head
from records.migration import check, migrate
from records.record import Anomaly, DecisionRecord, SegmentHeader
from records.tables import chain_events, checkpoints, model_features, prediction_inputs, predictions

_LAST = 1 << 62


@dataclass(frozen=True, slots=True)
class Added:
    """What a batch of decisions came to."""

    new: int
    """Decisions that were not there before."""
    refused: list[Refused]


@dataclass(frozen=True, slots=True)
class Decided:
    """A recorded decision as the monitoring reads it."""

    seq: int
    decided_at_us: int
    model_sha256: str
    probability_default: float
    decision: str
    scenario: str | None
    inputs: list[float | str | None] | None
    """`None`: they were erased."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A link of the chain by which data went."""

    event: int
    kind: str
    """`ERASURE` or `RETENTION` of `records.chain`."""
    body: str


@dataclass(frozen=True, slots=True)
class RecordedFeature:
    """A name in the recorded inputs of a model."""

    name: str
    is_word: bool
    is_used: bool


class Database:
    """The recorded decisions. A database that does not answer is a `DatabaseUnavailable`.

    With *create* the tables are made, or brought up to date; without, a database that has none is said to
    have none, for that is not "no decisions". With *read_only* nothing can be written through it.
    """

    def __init__(self, url: str, *, create: bool = False, read_only: bool = False) -> None:
        self._engine = open_engine(url, create=create, read_only=read_only)
        try:
            self.was_migrated = create and migrate(self._engine)
            check(self._engine)
        except DatabaseUnavailable:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The URL, without a password."""
        return self._engine.url.render_as_string()

    def add(
        self, header: SegmentHeader, records: Sequence[DecisionRecord], found: Sequence[Anomaly] = ()
    ) -> Added:
        """Write those of *records*, and of the anomalies *found* with them, that are not there yet."""
        with self.ledger() as ledger:
            ledger.note(found)
            return Added(*ledger.add(header, records))

    def note(self, found: Sequence[Anomaly]) -> None:
        """Write those of *found* that were not told before."""
        with self.ledger() as ledger:
            ledger.note(found)

    def head(self) -> Head:
        """Where the chain ends."""
        with self.reading() as connection:
            return read_head(connection)

    def decided_after(self, seq: int, limit: int, until: int = _LAST) -> list[Decided]:
        """Up to *limit* decisions after *seq*, up to number *until*, in order."""
        query = (
            sa.select(
                predictions.c.seq,
                predictions.c.decided_at_us,
                predictions.c.model_sha256,
                predictions.c.probability_default,
                predictions.c.decision,
                predictions.c.scenario,
                prediction_inputs.c.inputs,
            )
            .outerjoin(prediction_inputs, prediction_inputs.c.seq == predictions.c.seq)
            .where(predictions.c.seq > seq, predictions.c.seq <= until)
            .order_by(predictions.c.seq)
            .limit(limit)
        )
        return [_decided(row) for row in self.rows(query)]

    def first_seq(self) -> int:
        """The number of the first decision that is, or will be, there: retention took those before."""
        ((first,),) = self.rows(sa.select(sa.func.max(checkpoints.c.seq)))
        return 1 + (first or 0)

    def removals_after(self, event: int) -> list[Removal]:
        """The events after *event* by which something went, in order."""
        table = chain_events.c
        query = (
            sa.select(table.event, table.kind, table.body)
            .where(table.event > event, table.kind.in_((ERASURE, RETENTION)))
            .order_by(table.event)
        )
        return [Removal(*row) for row in self.rows(query)]

    def features(self, model_sha256: str) -> list[RecordedFeature]:
        """The recorded features of a model's decisions, in order."""
        columns = (model_features.c.name, model_features.c.is_word, model_features.c.is_used)
        query = (
            sa.select(*columns)
            .where(model_features.c.model_sha256 == model_sha256)
            .order_by(model_features.c.position)
        )
        return [RecordedFeature(*row) for row in self.rows(query)]

    def rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[sa.Row[*tuple[Any, ...]]]:
        """All rows of a read."""
        with self.reading() as connection:
            return list(connection.execute(query).all())

    def scrub(self) -> bool:
        """Leave nothing of what was deleted in the files of an SQLite database; `False` while others use it.

        What PostgreSQL keeps of it, and until when, is its administrator's to say.
        """
        return scrub(self._engine)

    def first_row(self, query: str, value: object) -> tuple[Any, ...] | None:
        """The first row that *query* finds for the *value* of its `?`: a quick read by key."""
        return first_row(self._engine, query, value)

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that reads one moment's state."""
        return reading(self._engine)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that may write."""
        return writing(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """A transaction that may add to the chain; others who want to wait for its end."""
        with self.writing() as connection:
            yield Ledger(connection)


def _decided(row: sa.Row[*tuple[Any, ...]]) -> Decided:
    inputs = row[-1]
    return Decided(*(*row[:-1], None if inputs is None else msgspec.json.decode(inputs)))
