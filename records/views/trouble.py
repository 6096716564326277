"""What went wrong or was refused in a time."""

from dataclasses import dataclass

import sqlalchemy as sa

from records.anomaly import DATA_WARNING, ERROR, REFUSED_INPUT
from records.database import Database
from records.hours import HOUR_US, Hours
from records.rollups import ANSWERED
from records.stats import within
from records.tables import anomalies, hourly_counts

_END_US = 1 << 62
_MOST_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Errors:
    """Answers with one error status on one route."""

    route: str
    status: int
    answers: int
    last_us: int
    problems: tuple[str, ...]
    """Types of the last of them, where the status does not say all."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong, or many alike; see `records.anomaly`."""

    happened_at_us: int
    kind: str
    count: int
    route: str | None
    status: int | None
    field: str | None
    rule: str | None
    detail: str


def read_errors(database: Database, hours: Hours, scenario: str = "") -> list[Errors]:
    """Every error status of *hours*, the most frequent first; counted by the rollups."""
    table = hourly_counts.c
    answers = sa.func.sum(table.answers)
    query = (
        sa.select(table.route, table.status, answers, sa.func.max(table.last_us))
        .where(within(hourly_counts, hours.parts(), scenario), table.status != ANSWERED)
        .group_by(table.route, table.status)
        .order_by(answers.desc(), table.route, table.status)
    )
    problems: dict[tuple[str, int], set[str]] = {}
    for one in _last(database, hours, scenario, _MOST_LOOKED_AT, anomalies.c.kind == ERROR):
        if one.rule is not None:
            problems.setdefault((one.route or "", one.status or 0), set()).add(one.rule)
    return [
        Errors(route, int(status), int(n), int(last), tuple(sorted(problems.get((route, int(status)), ()))))
        for route, status, n, last in database.rows(query)
    ]


def read_trouble(
    database: Database, hours: Hours, scenario: str = "", most: int = 100, *, warnings: bool = False
) -> list[Trouble]:
    """The last *most* anomalies of *hours*, the last one first; data warnings on request alone.

    What is no request's, such as an outage of the database, is of every scenario.
    """
    left_out = () if warnings else (DATA_WARNING,)
    return _last(database, hours, scenario, most, anomalies.c.kind.not_in(left_out))


def _last(
    database: Database, hours: Hours, scenario: str, most: int, kinds: sa.ColumnElement[bool]
) -> list[Trouble]:
    table = anomalies.c
    of_requests = table.kind.in_((ERROR, REFUSED_INPUT, DATA_WARNING))
    own = table.scenario == scenario if scenario else table.scenario.is_(None)
    query = (
        sa.select(*(table[name] for name in Trouble.__dataclass_fields__))
        .where(
            table.happened_at_us >= hours.first * HOUR_US,
            table.happened_at_us < min(hours.end * HOUR_US, _END_US),
            kinds,
            sa.or_(~of_requests, own),
        )
        .order_by(table.happened_at_us.desc(), table.id.desc())
        .limit(most)
    )
    return [Trouble(*row) for row in database.rows(query)]
