"""The drift reports in the database, and what was told of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from records.database import Database
from records.tables import anomalies, drift_reports


def keep_report(database: Database, report: Mapping[str, object]) -> None:
    """Add a report: the columns of `drift_reports`, by name."""
    with database.writing() as connection:
        connection.execute(sa.insert(drift_reports).values(**report))


def kept_reports(database: Database, model_sha256: str, most: int) -> list[str]:
    """The JSON of a model's last reports that had enough data, the last one first."""
    query = (
        sa.select(drift_reports.c.report)
        .where(drift_reports.c.model_sha256 == model_sha256, drift_reports.c.features > 0)
        .order_by(drift_reports.c.made_at_us.desc())
        .limit(most)
    )
    return [report for (report,) in database.rows(query)]


def told_before(database: Database, keys: list[str]) -> set[str]:
    """Which of the anomalies named by *keys* are known already."""
    return {key for (key,) in database.rows(sa.select(anomalies.c.key).where(anomalies.c.key.in_(keys)))}


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A drift report in the database, without its body. Times are microseconds since the epoch."""

    id: int
    made_at_us: int
    since_us: int
    until_us: int
    model_sha256: str
    decisions: int
    features: int
    """None when there were too few decisions."""
    drifted: int
    alert: bool


def list_reports(database: Database, most: int) -> list[KeptReport]:
    """The last reports of all models, the last one first."""
    columns = [drift_reports.c[name] for name in KeptReport.__dataclass_fields__]
    query = sa.select(*columns).order_by(drift_reports.c.made_at_us.desc()).limit(most)
    return [KeptReport(*row) for row in database.rows(query)]


def read_report(database: Database, report_id: int) -> str:
    """The JSON of a report that `list_reports` names."""
    ((report,),) = database.rows(sa.select(drift_reports.c.report).where(drift_reports.c.id == report_id))
    return str(report)
