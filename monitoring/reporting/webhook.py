"""Telling another machine of an alert."""

import httpx

from monitoring.reporting.document import Document

_PATIENCE_S = 10.0


def notify(url: str, document: Document, patience_s: float = _PATIENCE_S) -> str | None:
    """POST the alert as JSON; why it did not arrive, if it did not. A report is worth more than its echo.

    The key `text` holds a sentence, which Slack, Mattermost and their like show.
    """
    about, found = document.about, document.comparison
    body = {
        "text": f"{about.model_version}: " + "; ".join(alert.message for alert in found.alerts),
        "verdict": found.verdict,
        "report": about.name,
        "decisions": found.rows_now,
        "share": found.share,
        "drifted": [feature.name for feature in found.drifted],
        "retraining_recommended": found.retraining_recommended,
    }
    try:
        # What it answers is nobody's business, and may never end.
        with httpx.stream("POST", url, json=body, timeout=patience_s) as response:
            response.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The error's own text may hold the address, and with it a token.
        return type(error).__name__
    return None
