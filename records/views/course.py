"""How decisions went over time, read from the hourly rollups."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from records.database import Database
from records.histogram import LATENCY_BUCKETS, Counts, total
from records.hours import DAY, HOUR_US, Hours
from records.rollups import ANSWERED
from records.stats import within
from records.tables import hourly_counts, hourly_histograms

MOST_STEPS = 14 * DAY
"""Longer times are told by the day."""


@dataclass(frozen=True, slots=True)
class Step:
    """Decisions that are alike, within one hour or one day."""

    start_us: int
    model_version: str
    decision: str
    decisions: int
    pd_sum: float

    def cost(self, fn: float, fp: float) -> float:
        """What they may be expected to cost: *fn* for each approved who defaults, *fp* for each refused
        who would not have.

        >>> Step(0, "m", "approve", 10, 0.5).cost(10, 1), Step(0, "m", "refuse", 10, 4.0).cost(10, 1)
        (5.0, 6.0)
        """
        return fn * self.pd_sum if self.decision == "approve" else fp * (self.decisions - self.pd_sum)


@dataclass(frozen=True, slots=True)
class LatencyStep:
    """The latencies of one hour or one day."""

    start_us: int
    counts: Counts


def step_of(hours: Hours) -> int:
    """Hours that one step of *hours* takes: one, or a day.

    >>> step_of(Hours(0, 48)), step_of(Hours())
    (1, 24)
    """
    return 1 if hours.end - hours.first <= MOST_STEPS else DAY


def read_course(database: Database, hours: Hours, scenario: str = "") -> list[Step]:
    """The decisions of *hours* in order of time, by model and decision."""
    table, start = hourly_counts.c, _start(hourly_counts, hours)
    query = (
        sa.select(
            start,
            table.model_version,
            table.decision,
            sa.func.sum(table.answers),
            sa.func.sum(table.pd_sum),
        )
        .where(within(hourly_counts, _parts(hours), scenario), table.status == ANSWERED)
        .group_by(start, table.model_version, table.decision)
        .order_by(start, table.model_version, table.decision)
    )
    return [
        Step(int(hour) * HOUR_US, model, decision, int(count), float(pd_sum))
        for hour, model, decision, count, pd_sum in database.rows(query)
    ]


def read_latency_course(database: Database, hours: Hours, scenario: str = "") -> list[LatencyStep]:
    """The latencies of *hours* in order of time, of all routes together."""
    start = _start(hourly_histograms, hours).label("start")
    query = (
        sa.select(start, hourly_histograms.c.latency)
        .where(within(hourly_histograms, _parts(hours), scenario))
        .order_by(start)
    )
    stored: dict[int, list[bytes]] = {}
    for hour, latency in database.rows(query):
        stored.setdefault(int(hour), []).append(latency)
    return [LatencyStep(hour * HOUR_US, total(parts, LATENCY_BUCKETS)) for hour, parts in stored.items()]


def _parts(hours: Hours) -> list[tuple[int, int, int]]:
    return [(1, hours.first, hours.end)] if step_of(hours) == 1 else hours.parts()


def _start(table: sa.Table, hours: Hours) -> sa.ColumnElement[Any]:
    """The first hour of the step that a row belongs to."""
    hour = table.c.hour
    return hour if step_of(hours) == 1 else hour - hour % DAY
