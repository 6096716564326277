"""The last drift measured, small enough for who is asked for it every few seconds."""

from pathlib import Path

import msgspec

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


def write_latest(folder: Path, latest: Latest) -> None:
    """Let *folder* say *latest*."""
    write_durably(folder / _FILE, msgspec.json.encode(latest))


def read_latest(folder: Path) -> Latest | None:
    """What was measured last; `None` when nothing was, or what is there cannot be read."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Latest)
    except (OSError, msgspec.DecodeError):
        return None
