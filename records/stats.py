"""Counts over the recorded decisions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from records.database import Database
from records.tables import predictions


@dataclass(frozen=True, slots=True)
class Stats:
    """What the database holds. `None`: no decision yet, so there is nothing to take a mean of."""

    decisions: int
    by_decision: dict[str, int]
    by_model: dict[str, int]
    mean_probability_default: float | None
    mean_latency_ms: float | None
    first_us: int | None
    last_us: int | None

    @property
    def approval_rate(self) -> float | None:
        return self.by_decision.get("approve", 0) / self.decisions if self.decisions else None


def read_stats(database: Database) -> Stats:
    """The counts of one moment."""
    table = predictions.c
    query = sa.select(
        table.decision,
        table.model_version,
        sa.func.count(),
        sa.func.sum(table.probability_default),
        sa.func.sum(table.latency_us),
        sa.func.min(table.decided_at_us),
        sa.func.max(table.decided_at_us),
    ).group_by(table.decision, table.model_version)
    groups = database.rows(query)
    total = sum(group[2] for group in groups)
    return Stats(
        total,
        _counts((group[0], group[2]) for group in groups),
        _counts((group[1], group[2]) for group in groups),
        sum(group[3] for group in groups) / total if total else None,
        sum(group[4] for group in groups) / total / 1000 if total else None,
        min((group[5] for group in groups), default=None),
        max((group[6] for group in groups), default=None),
    )


def _counts(groups: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The sum for each name, by name."""
    counted: Counter[str] = Counter()
    for name, count in groups:
        counted[name] += count
    return dict(sorted(counted.items()))
