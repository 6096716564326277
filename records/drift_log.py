"""The drift reports in the database, and what was told of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from records.anomaly import DRIFT
from records.database import Database
from records.record import Anomaly
from records.tables import anomalies, drift_reports

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class DriftLog:
    """What was found about one model's decisions."""

    database: Database
    model_sha256: str

    def keep(self, report: Mapping[str, object]) -> None:
        """Add a report: the columns of `drift_reports` by name, but for the model's."""
        with self.database.writing() as connection:
            connection.execute(sa.insert(drift_reports).values(**report, model_sha256=self.model_sha256))

    def kept(self, most: int) -> list[str]:
        """The JSON of the last reports that had enough data, the last one first."""
        query = (
            sa.select(drift_reports.c.report)
            .where(drift_reports.c.model_sha256 == self.model_sha256, drift_reports.c.features > 0)
            .order_by(drift_reports.c.made_at_us.desc())
            .limit(most)
        )
        return [report for (report,) in self.database.rows(query)]

    def thin(self, before_us: int) -> None:
        """Of the reports made before a moment keep each day's last one, and those that alerted."""
        old = sa.and_(
            drift_reports.c.model_sha256 == self.model_sha256, drift_reports.c.made_at_us < before_us
        )
        day = drift_reports.c.made_at_us - drift_reports.c.made_at_us % _DAY_US
        last = sa.select(sa.func.max(drift_reports.c.made_at_us)).where(old).group_by(day)
        others = drift_reports.c.made_at_us.not_in(last.scalar_subquery())
        with self.database.writing() as connection:
            connection.execute(sa.delete(drift_reports).where(old, others, drift_reports.c.alert.is_(False)))

    def told(self, keys: list[str]) -> set[str]:
        """Which of the alerts named by *keys* are among the anomalies already."""
        query = sa.select(anomalies.c.key).where(anomalies.c.key.in_(keys))
        return {key for (key,) in self.database.rows(query)}

    def tell(self, happened_at_us: int, alerts: Mapping[str, str]) -> None:
        """Write *alerts*, each with its key, into the anomalies."""
        self.database.note(
            [
                Anomaly(happened_at_us=happened_at_us, kind=DRIFT, key=key, detail=message)
                for key, message in alerts.items()
            ]
        )


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
