"""Hourly rollups: what statistics are read from, kept up to date with every decision written."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from records.anomaly import ERROR
from records.histogram import LATENCY_BUCKETS, PD_BUCKETS, Counts, latency_counts, pd_counts, to_bytes, total
from records.hours import SPANS, hour_of
from records.record import Anomaly, DecisionRecord
from records.tables import hourly_counts, hourly_histograms
from records.upsert import insert

ANSWERED = 200

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


class Counted(NamedTuple):
    """What is counted apart: the key of `hourly_counts`."""

    span: int
    hour: int
    scenario: str
    route: str
    status: int
    model_version: str = ""
    decision: str = ""
    risk_level: str = ""


class Measured(NamedTuple):
    """What has histograms of its own: the key of `hourly_histograms`."""

    span: int
    hour: int
    scenario: str
    route: str
    model_version: str


def add_decisions(connection: sa.Connection, records: Sequence[DecisionRecord]) -> None:
    """Count *records* in. The caller holds the chain's head, so nobody else counts meanwhile."""
    _add(connection, [_counts(key, group) for key, group in _grouped(records, _counted).items()])
    for key, group in _grouped(records, _measured).items():
        pd = pd_counts([record.probability_default for record in group])
        latency = latency_counts([record.latency_us for record in group])
        for span in SPANS:
            _add_histograms(connection, key._replace(span=span, hour=key.hour // span * span), pd, latency)


def add_errors(connection: sa.Connection, found: Iterable[Anomaly]) -> None:
    """Count the answers with an error status among *found* in; the caller holds the head."""
    errors = [anomaly for anomaly in found if anomaly.kind == ERROR]
    _add(connection, [_error_counts(key, group) for key, group in _grouped(errors, _failed).items()])


def _counted(record: DecisionRecord) -> Counted:
    return Counted(
        1,
        hour_of(record.decided_at_us),
        record.scenario or "",
        record.route,
        ANSWERED,
        record.model_version,
        record.decision,
        record.risk_level,
    )


def _measured(record: DecisionRecord) -> Measured:
    hour = hour_of(record.decided_at_us)
    return Measured(1, hour, record.scenario or "", record.route, record.model_version)


def _failed(error: Anomaly) -> Counted:
    hour = hour_of(error.happened_at_us)
    return Counted(1, hour, error.scenario or "", error.route or "", error.status or 0)


def _grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _counts(key: Counted, records: list[DecisionRecord]) -> dict[str, Any]:
    times = [record.decided_at_us for record in records]
    return {
        **key._asdict(),
        "answers": len(records),
        "pd_sum": sum(record.probability_default for record in records),
        "latency_us_sum": sum(record.latency_us for record in records),
        "first_us": min(times),
        "last_us": max(times),
    }


def _error_counts(key: Counted, errors: list[Anomaly]) -> dict[str, Any]:
    times = [error.happened_at_us for error in errors]
    answers = sum(error.count for error in errors)
    sums = {"pd_sum": 0.0, "latency_us_sum": 0, "first_us": min(times), "last_us": max(times)}
    return {**key._asdict(), "answers": answers, **sums}


def _add(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Add *rows*, which count hours, to their hours and to their days."""
    if not rows:
        return
    add, there = insert(connection, hourly_counts), hourly_counts.c
    update = {name: there[name] + add.excluded[name] for name in ("answers", "pd_sum", "latency_us_sum")}
    update["first_us"] = _lesser(there.first_us, add.excluded.first_us)
    update["last_us"] = _greater(there.last_us, add.excluded.last_us)
    spans = [{**row, "span": span, "hour": row["hour"] // span * span} for span in SPANS for row in rows]
    connection.execute(add.on_conflict_do_update(index_elements=Counted._fields, set_=update), spans)


def _lesser(one: Any, other: Any) -> sa.Case[Any]:
    return sa.case((one < other, one), else_=other)


def _greater(one: Any, other: Any) -> sa.Case[Any]:
    return sa.case((one > other, one), else_=other)


def _add_histograms(connection: sa.Connection, key: Measured, pd: Counts, latency: Counts) -> None:
    table = hourly_histograms.c
    there = sa.and_(*(table[name] == value for name, value in key._asdict().items()))
    found = connection.execute(sa.select(table.pd, table.latency).where(there)).all()
    values = {
        "pd": to_bytes(pd + total((row.pd for row in found), PD_BUCKETS)),
        "latency": to_bytes(latency + total((row.latency for row in found), LATENCY_BUCKETS)),
    }
    add = insert(connection, hourly_histograms).values(**key._asdict(), **values)
    connection.execute(add.on_conflict_do_update(index_elements=Measured._fields, set_=values))
