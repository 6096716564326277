"""What went wrong or was refused: told without any value of an applicant's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from records.hours import hour_of
from records.record import Anomaly, DecisionRecord
from records.tables import anomalies
from records.upsert import insert

ERROR = "error"
"""An answer with an error status."""
REFUSED_INPUT = "refused_input"
"""A rule that an application broke."""
DATA_WARNING = "data_warning"
"""A finding that did not stop a decision; counted by the hour."""
REFUSED_RECORD = "refused_record"
"""A decision that the database does not take; it is kept beside the journal."""
UNREADABLE_RECORD = "unreadable_record"
"""A whole frame that holds no decision; it is kept beside the journal."""
DAMAGED_JOURNAL = "damaged_journal"
"""Bytes of a journal that cannot be read; they are kept beside it."""
DATABASE_OUTAGE = "database_outage"
"""Decisions waited in the journal."""
DRIFT = "drift"
"""The decisions differ from those the model was made for."""


def note(connection: sa.Connection, found: Sequence[Anomaly]) -> list[Anomaly]:
    """Write those of *found* that were not told before; which those are."""
    keys = [anomaly.key for anomaly in found if anomaly.key is not None]
    known = set(connection.scalars(sa.select(anomalies.c.key).where(anomalies.c.key.in_(keys))))
    new = [anomaly for anomaly in found if anomaly.key not in known or anomaly.key is None]
    if new:
        connection.execute(sa.insert(anomalies), list(map(_row, new)))
    return new


def add_warnings(connection: sa.Connection, records: Iterable[DecisionRecord]) -> None:
    """Count the warnings of *records* by hour, model, feature and rule."""
    last: dict[tuple[object, ...], DecisionRecord] = {}
    counts: Counter[tuple[int, str | None, str, str, str]] = Counter()
    for record in records:
        hour = hour_of(record.decided_at_us)
        for warning in record.warnings:
            kind = (hour, record.scenario, record.model_sha256[:12], warning.field, warning.rule)
            counts[kind] += 1
            last[kind] = record
    rows = [_row(_warned(kind, count, last[kind])) for kind, count in counts.items()]
    if rows:
        add = insert(connection, anomalies)
        update = {name: add.excluded[name] for name in ("happened_at_us", "decision_id", "request_id")} | {
            "count": anomalies.c.count + add.excluded["count"]
        }
        connection.execute(add.on_conflict_do_update(index_elements=["key"], set_=update), rows)


def _warned(kind: tuple[int, str | None, str, str, str], count: int, last: DecisionRecord) -> Anomaly:
    hour, scenario, model, field, rule = kind
    return Anomaly(
        happened_at_us=last.decided_at_us,
        kind=DATA_WARNING,
        count=count,
        key=":".join((DATA_WARNING, str(hour), scenario or "", model, rule, field)),
        decision_id=last.decision_id,
        request_id=last.request_id,
        route=last.route,
        field=field,
        rule=rule,
        scenario=scenario,
    )


def _row(anomaly: Anomaly) -> dict[str, Any]:
    return msgspec.structs.asdict(anomaly)
