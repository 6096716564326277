"""Telling of alerts: in the log, among the anomalies, and at a webhook."""

from collections.abc import Mapping
from typing import Protocol

import structlog

from monitoring.reporting.document import Document
from monitoring.reporting.webhook import notify

log = structlog.get_logger()

_DAY_US = 86_400_000_000
_LONGEST_KEY = 300


class Diary(Protocol):
    """Where it is written what was told."""

    def told(self, keys: list[str]) -> set[str]:
        """Which of the alerts named by *keys* are written there."""
        ...

    def tell(self, happened_at_us: int, alerts: Mapping[str, str]) -> None:
        """Write *alerts*, each with its key."""
        ...


class Alarm:
    """Tells what was not told of a model on a day; however often one looks, it is one anomaly.

    A report that the webhook did not take is sent again at the next look.
    """

    def __init__(self, webhook: str | None) -> None:
        self._webhook = webhook
        self._unsent: Document | None = None

    def raise_for(self, document: Document, diary: Diary) -> None:
        """Tell the alerts of *document*, if it has any that are new."""
        about = document.about
        head = f"drift:{about.model_sha256[:12]}:{about.until_us // _DAY_US}:"
        by_key = {
            f"{head}{alert.kind}:{alert.feature or ''}"[:_LONGEST_KEY]: alert
            for alert in document.comparison.alerts
        }
        told = diary.told(list(by_key))
        fresh = {key: alert for key, alert in by_key.items() if key not in told}
        for alert in fresh.values():
            log.warning("drift_alert", kind=alert.kind, message=alert.message, report=about.name)
        self._send(document if fresh else self._unsent)
        diary.tell(about.made_at_us, {key: alert.message for key, alert in fresh.items()})

    def _send(self, document: Document | None) -> None:
        if document is None or self._webhook is None:
            return
        reason = notify(self._webhook, document)
        self._unsent = document if reason else None
        if reason:
            log.error("webhook_failed", reason=reason)
