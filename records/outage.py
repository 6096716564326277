"""A database that is away, while decisions wait in the journal."""

import time

import structlog

from credit.errors import DatabaseUnavailable
from records.anomaly import DATABASE_OUTAGE
from records.database import Database
from records.record import Anomaly

log = structlog.get_logger()


class Outage:
    """Says when the database goes away, again while it stays away, and how long it was once it is back."""

    def __init__(self, again_s: float = 60.0) -> None:
        self._again_s = again_s
        self._since_us: int | None = None
        self._said = 0.0

    def failed(self, error: DatabaseUnavailable) -> None:
        """The database did not answer."""
        self._since_us = self._since_us or time.time_ns() // 1000
        now = time.monotonic()
        if not self._said or now - self._said >= self._again_s:
            self._said = now
            log.error("database_unavailable", reason=str(error))

    def answered(self, database: Database) -> None:
        """The database answers; when it did not before, the records say so from now on."""
        if self._since_us is None:
            return
        seconds = time.time_ns() / 1e9 - self._since_us / 1e6
        anomaly = Anomaly(
            happened_at_us=self._since_us,
            kind=DATABASE_OUTAGE,
            key=f"{DATABASE_OUTAGE}:{self._since_us}",
            detail=f"the database did not answer for {seconds:.0f} s; decisions waited in the journal",
        )
        database.note([anomaly])
        log.warning("database_back", seconds=round(seconds, 1))
        self._since_us = None
        self._said = 0.0
