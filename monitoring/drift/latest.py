"""The last drift measured, small enough for who is asked for it every few seconds."""

from pathlib import Path

import msgspec

from monitoring.drift.document import Document
from monitoring.drift.report import KINDS
from monitoring.files import write_durably

_FILE = "latest.json"


class Latest(msgspec.Struct, frozen=True):
    """What a dashboard of machines shows of drift; nothing of any client's."""

    made_at_us: int
    until_us: int
    decisions: int
    verdict: str
    share: float | None
    """Share of the features that drifted; `None` when there were too few decisions to say."""
    psi: dict[str, float]
    """Of each feature, and of `probability_default`."""
    alerts: dict[str, int]
    """How many of each kind."""


def write_latest(folder: Path, document: Document) -> None:
    """Let *folder* say what *document* found."""
    about, found = document.about, document.comparison
    everything = [*found.features, *([] if found.probability is None else [found.probability])]
    latest = Latest(
        made_at_us=about.made_at_us,
        until_us=about.until_us,
        decisions=found.rows_now,
        verdict=found.verdict,
        share=found.share if found.features else None,
        psi={one.name: one.psi for one in everything},
        alerts={kind: sum(alert.kind == kind for alert in found.alerts) for kind in KINDS},
    )
    write_durably(folder / _FILE, msgspec.json.encode(latest))


def read_latest(folder: Path) -> Latest | None:
    """What was measured last; `None` when nothing was, or what is there cannot be read."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Latest)
    except (OSError, msgspec.DecodeError):
        return None
