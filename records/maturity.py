"""What the decisions came to, seen on approved loans that are over: of the refused nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from records.database import Database
from records.hours import HOUR_US, Hours
from records.tables import outcomes, predictions

_END_OF_TIME_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Matured:
    """Approved loans whose outcome is known."""

    loans: int
    defaulted: int
    auc: float | None
    """`None` where all ended alike."""

    @property
    def default_rate(self) -> float | None:
        return self.defaulted / self.loans if self.loans else None


def read_matured(database: Database, hours: Hours, scenario: str) -> Matured:
    """The approved loans of whole *hours* of decision, of real traffic or of one *scenario*."""
    table = predictions.c
    query = (
        sa.select(table.probability_default, outcomes.c.defaulted)
        .join(outcomes, outcomes.c.decision_id == table.decision_id)
        .where(
            table.decision == "approve",
            table.scenario == scenario if scenario else table.scenario.is_(None),
            table.decided_at_us >= hours.first * HOUR_US,
            table.decided_at_us < min(hours.end * HOUR_US, _END_OF_TIME_US),
        )
    )
    rows = database.rows(query)
    defaulted = [bool(row[1]) for row in rows]
    return Matured(len(rows), sum(defaulted), auc([row[0] for row in rows], defaulted))


def auc(probabilities: Sequence[float], defaulted: Sequence[bool]) -> float | None:
    """How often a defaulted loan has the higher probability of the two, ties as half; `None` without a pair.

    >>> auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    0.75
    """
    bad = sum(defaulted)
    good = len(defaulted) - bad
    if not bad or not good:
        return None
    _, inverse, counts = np.unique(np.asarray(probabilities), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[inverse]
    return float((ranks[np.asarray(defaulted)].sum() - bad * (bad + 1) / 2) / (bad * good))
