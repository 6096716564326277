"""Telling another machine of an alert."""

import asyncio

import httpx
import msgspec

from monitoring.reporting.document import Document

_PATIENCE_S = 10.0


def message(document: Document) -> bytes:
    """The alert as JSON. The key `text` holds a sentence, which Slack, Mattermost and their like show."""
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
    return msgspec.json.encode(body)


def notify(url: str, body: bytes, patience_s: float = _PATIENCE_S) -> str | None:
    """POST *body*; why it did not arrive, if it did not. A report is worth more than its echo."""
    try:
        asyncio.run(_post(url, body, patience_s))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        # The error's own text may hold the address, and with it a token.
        return type(error).__name__
    return None


async def _post(url: str, body: bytes, patience_s: float) -> None:
    headers = {"content-type": "application/json"}
    # The time is that of the whole: a byte now and then would keep a limit between bytes waiting for ever.
    async with (
        asyncio.timeout(patience_s),
        httpx.AsyncClient(timeout=None) as client,  # noqa: S113  # it is the line above
        # What it answers is nobody's business, and may never end.
        client.stream("POST", url, content=body, headers=headers) as response,
    ):
        response.raise_for_status()
