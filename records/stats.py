"""Counts over the recorded decisions, read from the hourly rollups."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from records.database import Database
from records.histogram import (
    LATENCY_BUCKETS,
    PD_BUCKETS,
    Counts,
    latency_quantile_ms,
    total,
)
from records.hours import Hours
from records.rollups import ANSWERED
from records.tables import hourly_counts, hourly_histograms

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_Name = TypeVar("_Name", int, str)


class _Group(NamedTuple):
    """Answers that are alike; PostgreSQL's sums come as decimals."""

    route: str
    status: int
    model_version: str
    decision: str
    risk_level: str
    answers: int
    pd_sum: float
    latency_us_sum: int
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class HourOfAnswers:
    """What was answered within one hour."""

    hour: int
    """Since the epoch, in UTC."""
    decisions: int
    approved: int
    errors: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What the database holds. `None`: no decision yet, so there is nothing to take a mean of."""

    decisions: int
    errors: int
    """Answers with an error status; a request with many applicants is one answer."""
    by_decision: dict[str, int]
    by_risk_level: dict[str, int]
    by_model: dict[str, int]
    by_route: dict[str, int]
    errors_by_status: dict[int, int]
    mean_probability_default: float | None
    mean_latency_ms: float | None
    latency_ms: dict[str, float | None]
    """Quantiles, to within 9 %."""
    first_us: int | None
    last_us: int | None
    per_hour: list[HourOfAnswers]

    @property
    def approval_rate(self) -> float | None:
        return self.by_decision.get("approve", 0) / self.decisions if self.decisions else None

    @property
    def error_rate(self) -> float | None:
        """Errors among all that was answered."""
        answers = self.decisions + self.errors
        return self.errors / answers if answers else None


@dataclass(frozen=True, slots=True)
class Histograms:
    """How many decisions lie in each bucket of `records.histogram`."""

    pd: Counts
    latency: Counts


def read_stats(
    database: Database, hours: Hours | None = None, scenario: str = "", *, by_hour: bool = True
) -> Stats:
    """The counts of one moment, over whole *hours*; of real traffic, or of a simulated *scenario* alone.

    Counting each hour of a long time takes longer than all else; without *by_hour*, `per_hour` is empty.
    """
    hours = hours or Hours()
    with database.reading() as connection:
        groups = [_Group(*row) for row in connection.execute(_totals(hours, scenario))]
        per_hour = connection.execute(_per_hour(hours, scenario)).all() if by_hour else []
        histograms = _histograms(connection, hours, scenario, None)
    decided = [group for group in groups if group.status == ANSWERED]
    failed = [group for group in groups if group.status != ANSWERED]
    count = int(sum(group.answers for group in decided))
    latency_us = int(sum(group.latency_us_sum for group in decided))
    return Stats(
        decisions=count,
        errors=int(sum(group.answers for group in failed)),
        by_decision=_counts((group.decision, group.answers) for group in decided),
        by_risk_level=_counts((group.risk_level, group.answers) for group in decided),
        by_model=_counts((group.model_version, group.answers) for group in decided),
        by_route=_counts((group.route, group.answers) for group in decided),
        errors_by_status=_counts((group.status, group.answers) for group in failed),
        mean_probability_default=sum(group.pd_sum for group in decided) / count if count else None,
        mean_latency_ms=latency_us / count / 1000 if count else None,
        latency_ms={name: latency_quantile_ms(histograms.latency, q) for name, q in QUANTILES.items()},
        first_us=min((group.first_us for group in decided), default=None),
        last_us=max((group.last_us for group in decided), default=None),
        per_hour=[HourOfAnswers(*map(int, row)) for row in per_hour],
    )


def read_histograms(
    database: Database, hours: Hours | None = None, scenario: str = "", route: str | None = None
) -> Histograms:
    """Probabilities and latencies over whole *hours*, of all routes or of one."""
    with database.reading() as connection:
        return _histograms(connection, hours or Hours(), scenario, route)


def within(table: sa.Table, parts: Iterable[tuple[int, int, int]], scenario: str) -> sa.ColumnElement[bool]:
    """The rows of *scenario* in *parts*, as `Hours` gives them."""
    hour, span = table.c.hour, table.c.span
    rows = (sa.and_(span == length, hour >= first, hour < end) for length, first, end in parts)
    return sa.and_(sa.or_(*rows), table.c.scenario == scenario)


def _totals(hours: Hours, scenario: str) -> sa.Select[*tuple[Any, ...]]:
    table = hourly_counts.c
    parts = (table.route, table.status, table.model_version, table.decision, table.risk_level)
    sums = [sa.func.sum(table[name]).label(name) for name in ("answers", "pd_sum", "latency_us_sum")]
    ends = [sa.func.min(table.first_us).label("first_us"), sa.func.max(table.last_us).label("last_us")]
    return (
        sa.select(*parts, *sums, *ends).where(within(hourly_counts, hours.parts(), scenario)).group_by(*parts)
    )


def _per_hour(hours: Hours, scenario: str) -> sa.Select[*tuple[Any, ...]]:
    table = hourly_counts.c

    def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, table.answers), else_=0))

    is_decision = table.status == ANSWERED
    columns = (counted(is_decision), counted(table.decision == "approve"), counted(~is_decision))
    return (
        sa.select(table.hour, *columns)
        .where(within(hourly_counts, [(1, hours.first, hours.end)], scenario))
        .group_by(table.hour)
        .order_by(table.hour)
    )


def _histograms(connection: sa.Connection, hours: Hours, scenario: str, route: str | None) -> Histograms:
    table = hourly_histograms.c
    query = sa.select(table.pd, table.latency).where(within(hourly_histograms, hours.parts(), scenario))
    if route is not None:
        query = query.where(table.route == route)
    rows = connection.execute(query).all()
    return Histograms(
        total((row.pd for row in rows), PD_BUCKETS), total((row.latency for row in rows), LATENCY_BUCKETS)
    )


def _counts(groups: Iterable[tuple[_Name, int]]) -> dict[_Name, int]:
    """The sum for each name, by name."""
    counted: Counter[_Name] = Counter()
    for name, count in groups:
        counted[name] += int(count)
    return dict(sorted(counted.items()))
