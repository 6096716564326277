"""The drift reports in the database, and what was told of them."""

from collections.abc import Mapping

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
