"""The decisions that took longest."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import sqlalchemy as sa

from records.database import Database
from records.histogram import LATENCY_BUCKETS, Counts, least_latency_us, total
from records.hours import DAY, HOUR_US, Hours
from records.stats import within
from records.tables import hourly_histograms, predictions

_Part = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Slow:
    """A decision, and how long it took."""

    decision_id: str
    decided_at_us: int
    route: str
    latency_us: int
    scoring_us: int
    """For all who were scored together."""
    model_version: str


def read_slowest(database: Database, hours: Hours, scenario: str = "", most: int = 10) -> list[Slow]:
    """The slowest *most* decisions of *hours*, the slowest first.

    The rollups say how slow they are at least, and in which days and hours they lie: among millions of
    decisions those hours alone are looked through.
    """
    with database.reading() as connection:
        parts = _latencies(connection, hours.parts(), scenario)
        if not parts:
            return []
        bucket = _bucket(parts, most)
        slow = {part for part, counts in parts.items() if counts[bucket:].any()}
        days = [(1, hour, hour + DAY) for span, hour in slow if span == DAY]
        inside = _latencies(connection, days, scenario) if days else {}
        starts = {hour for span, hour in slow if span == 1}
        starts |= {hour for (_, hour), counts in inside.items() if counts[bucket:].any()}
        bound = least_latency_us(bucket)
        found = [one for start in sorted(starts) for one in _within(connection, start, scenario, bound, most)]
    return sorted(found, key=attrgetter("latency_us"), reverse=True)[:most]


def _latencies(
    connection: sa.Connection, parts: Sequence[_Part], scenario: str
) -> dict[tuple[int, int], Counts]:
    """The latencies of each hour or day, by its length and its first hour."""
    table = hourly_histograms.c
    query = sa.select(table.span, table.hour, table.latency).where(within(hourly_histograms, parts, scenario))
    stored: dict[tuple[int, int], list[bytes]] = {}
    for span, hour, latency in connection.execute(query):
        stored.setdefault((span, hour), []).append(latency)
    return {part: total(counts, LATENCY_BUCKETS) for part, counts in stored.items()}


def _bucket(parts: dict[tuple[int, int], Counts], most: int) -> int:
    """The highest bucket from which on there are *most*; the first where there are fewer in all."""
    from_top = np.cumsum(np.sum(list(parts.values()), axis=0)[::-1])
    return max(0, LATENCY_BUCKETS - 1 - int(np.searchsorted(from_top, most)))


def _within(connection: sa.Connection, start: int, scenario: str, bound: int, most: int) -> list[Slow]:
    """The slowest of one hour, of those that take at least *bound* microseconds."""
    table: Any = predictions.c
    query = (
        sa.select(*(table[name] for name in Slow.__dataclass_fields__))
        .where(
            table.decided_at_us >= start * HOUR_US,
            table.decided_at_us < (start + 1) * HOUR_US,
            table.latency_us >= bound,
            table.scenario == scenario if scenario else table.scenario.is_(None),
        )
        .order_by(table.latency_us.desc())
        .limit(most)
    )
    return [Slow(*row) for row in connection.execute(query)]
