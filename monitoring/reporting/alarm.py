"""Telling of alerts: in the log, among the anomalies, and at a webhook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import structlog

from monitoring.files import write_durably
from monitoring.reporting.document import Document
from monitoring.reporting.webhook import message, notify

log = structlog.get_logger()

_DAY_US = 86_400_000_000
_LONGEST_KEY = 300
_UNSENT = "unsent.json"
"""What the webhook did not take: whoever looks next, in this process or another, sends it."""


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

    What the webhook did not take waits in *folder* and is sent again at the next look.
    """

    def __init__(self, webhook: str | None, folder: Path) -> None:
        self._webhook = webhook
        self._folder = folder

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
        self._send(message(document) if fresh else self._unsent())
        diary.tell(about.made_at_us, {key: alert.message for key, alert in fresh.items()})

    @property
    def _waiting(self) -> Path:
        return self._folder / _UNSENT

    def _unsent(self) -> bytes | None:
        return self._waiting.read_bytes() if self._waiting.is_file() else None

    def _send(self, body: bytes | None) -> None:
        if body is None or self._webhook is None:
            return
        reason = notify(self._webhook, body)
        if reason:
            log.error("webhook_failed", reason=reason)
            self._folder.mkdir(parents=True, exist_ok=True)
            write_durably(self._waiting, body)
        elif self._waiting.is_file():
            self._waiting.unlink(missing_ok=True)
