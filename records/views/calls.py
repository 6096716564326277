"""The history of decisions, the newest first, and those that are searched for."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from records.database import Database
from records.tables import predictions

_TABLE = predictions.c
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One decision in a list. What the client said is not in it."""

    seq: int
    """Its place in the chain."""
    decision_id: str
    decided_at_us: int
    route: str
    decision: str
    probability_default: float
    threshold: float
    risk_level: str
    latency_us: int
    model_version: str
    policy_version: str
    scenario: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What decisions are searched for; of all time and traffic, unless it says more."""

    since_us: int = 0
    until_us: int = 1 << 62
    sk_id_curr: int | None = None
    decision: str | None = None

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        """The condition on `predictions`."""
        conditions = [_TABLE.decided_at_us >= self.since_us, _TABLE.decided_at_us < self.until_us]
        if self.sk_id_curr is not None:
            conditions.append(_TABLE.sk_id_curr == self.sk_id_curr)
        if self.decision is not None:
            conditions.append(_TABLE.decision == self.decision)
        return sa.and_(*conditions)


def read_calls(database: Database, search: Search, most: int, skip: int = 0) -> list[Call]:
    """Up to *most* decisions, the newest first, without the *skip* newest."""
    query = (
        sa.select(*(_TABLE[name] for name in Call.__dataclass_fields__))
        .where(search.holds)
        .order_by(_TABLE.decided_at_us.desc(), _TABLE.seq.desc())
        .limit(most)
        .offset(skip)
    )
    return [Call(*row) for row in database.rows(query)]


def read_newest_calls(database: Database, search: Search, most: int) -> Iterator[Call]:
    """Up to *most* decisions, the newest first, a page at a time."""
    for skip in range(0, most, _PAGE):
        page = read_calls(database, search, min(_PAGE, most - skip), skip)
        yield from page
        if len(page) < _PAGE:
            return
