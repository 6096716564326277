"""The decision made last."""

from dataclasses import dataclass

import sqlalchemy as sa

from records.database import Database
from records.tables import predictions


@dataclass(frozen=True, slots=True)
class Newest:
    """What the last decision was made with."""

    decided_at_us: int
    threshold: float
    model_version: str
    model_sha256: str
    policy_version: str


def newest(database: Database, until_us: int | None = None) -> Newest | None:
    """The last decision, of all or of those made up to *until_us*; `None` when there is none."""
    table = predictions.c
    query = sa.select(*(table[name] for name in Newest.__dataclass_fields__))
    if until_us is not None:
        query = query.where(table.decided_at_us <= until_us)
    rows = database.rows(query.order_by(table.decided_at_us.desc()).limit(1))
    return Newest(*rows[0]) if rows else None
