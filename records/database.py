"""The database of decisions: what the archivist writes and everyone else reads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError

from credit.errors import DatabaseUnavailable, InvalidSettings
from records.record import DecisionRecord, SegmentHeader
from records.tables import metadata, model_features, prediction_inputs, predictions

_COLUMNS = tuple(column.name for column in predictions.columns if column.name not in {"seq", "warnings"})
_IDS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class Decided:
    """A recorded decision as the monitoring reads it."""

    seq: int
    decided_at_us: int
    model_sha256: str
    probability_default: float
    decision: str
    inputs: list[float | str | None]


@dataclass(frozen=True, slots=True)
class RecordedFeature:
    """A name in the recorded inputs of a model."""

    name: str
    is_word: bool
    is_used: bool


class Database:
    """The recorded decisions. A database that does not answer is a `DatabaseUnavailable`.

    The archivist makes the tables; a reader that finds none says so, for that is not "no decisions".
    """

    def __init__(self, url: str, *, create: bool = False) -> None:
        self._engine = _engine(url, create=create)
        with self._connected() as connection:
            if create:
                metadata.create_all(connection)
            elif not sa.inspect(connection).has_table(predictions.name):
                raise DatabaseUnavailable(f"no records in {self._engine.url!r}: start the service first")

    def add(self, header: SegmentHeader, records: Sequence[DecisionRecord]) -> int:
        """Write those of *records* that are not there yet, in one transaction; how many that was."""
        with self._connected() as connection:
            _name_features(connection, header)
            known = _known(connection, [record.decision_id for record in records])
            new = list(
                {record.decision_id: record for record in records if record.decision_id not in known}.values()
            )
            if new:
                first = 1 + _last_seq(connection)
                connection.execute(
                    sa.insert(predictions), [_row(first + i, record) for i, record in enumerate(new)]
                )
                connection.execute(
                    sa.insert(prediction_inputs),
                    [
                        {"seq": first + i, "inputs": bytes(record.inputs).decode()}
                        for i, record in enumerate(new)
                    ],
                )
        return len(new)

    def decided_after(self, seq: int, limit: int) -> list[Decided]:
        """Up to *limit* decisions after *seq*, in order."""
        query = (
            sa.select(
                predictions.c.seq,
                predictions.c.decided_at_us,
                predictions.c.model_sha256,
                predictions.c.probability_default,
                predictions.c.decision,
                prediction_inputs.c.inputs,
            )
            .join(prediction_inputs, prediction_inputs.c.seq == predictions.c.seq)
            .where(predictions.c.seq > seq)
            .order_by(predictions.c.seq)
            .limit(limit)
        )
        with self._connected() as connection:
            return [Decided(*row[:-1], msgspec.json.decode(row[-1])) for row in connection.execute(query)]

    def features(self, model_sha256: str) -> list[RecordedFeature]:
        """The recorded features of a model's decisions, in order."""
        columns = (model_features.c.name, model_features.c.is_word, model_features.c.is_used)
        query = (
            sa.select(*columns)
            .where(model_features.c.model_sha256 == model_sha256)
            .order_by(model_features.c.position)
        )
        with self._connected() as connection:
            return [RecordedFeature(*row) for row in connection.execute(query)]

    def rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[sa.Row[*tuple[Any, ...]]]:
        """All rows of a read."""
        with self._connected() as connection:
            return list(connection.execute(query).all())

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailable(
                f"the database {self._engine.url!r} does not answer: {_cause(error)}"
            ) from error


def _engine(url: str, *, create: bool) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            file = Path(parsed.database)
            if not create and not file.is_file():
                raise DatabaseUnavailable(f"there is no database {file} yet: start the service first")
            file.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InvalidSettings(
            f"DATABASE_URL is not usable ({error}): give sqlite:///FILE, or leave it out"
        ) from error
    except OSError as error:
        raise DatabaseUnavailable(f"the folder of the database cannot be made: {error}") from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection, which has no common type
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _cause(error: SQLAlchemyError) -> object:
    """The driver's own words; SQLAlchemy's would repeat the statement and its values."""
    return getattr(error, "orig", None) or type(error).__name__


def _name_features(connection: sa.Connection, header: SegmentHeader) -> None:
    known = sa.select(sa.exists().where(model_features.c.model_sha256 == header.model_sha256))
    if connection.scalar(known):
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
    connection.execute(sa.insert(model_features), rows)


def _known(connection: sa.Connection, ids: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), _IDS_PER_QUERY):
        part = ids[start : start + _IDS_PER_QUERY]
        found.update(
            connection.scalars(
                sa.select(predictions.c.decision_id).where(predictions.c.decision_id.in_(part))
            )
        )
    return found


def _last_seq(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.max(predictions.c.seq), 0))) or 0)


def _row(seq: int, record: DecisionRecord) -> dict[str, object]:
    values = {name: getattr(record, name) for name in _COLUMNS}
    return {**values, "seq": seq, "warnings": msgspec.json.encode(record.warnings).decode()}
