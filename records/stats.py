"""Counts over the recorded decisions."""

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
    """The counts of now."""
    table = predictions.c
    ((count, probability, latency, first, last),) = database.rows(
        sa.select(
            sa.func.count(),
            sa.func.avg(table.probability_default),
            sa.func.avg(table.latency_us) / 1000.0,
            sa.func.min(table.decided_at_us),
            sa.func.max(table.decided_at_us),
        )
    )
    return Stats(
        int(count),
        _counts(database, table.decision),
        _counts(database, table.model_version),
        _number(probability),
        _number(latency),
        first,
        last,
    )


def _counts(database: Database, column: sa.Column[str]) -> dict[str, int]:
    rows = database.rows(sa.select(column, sa.func.count()).group_by(column).order_by(column))
    return {str(name): int(count) for name, count in rows}


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]  # a float or PostgreSQL's Decimal
