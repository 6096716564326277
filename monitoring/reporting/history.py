"""How earlier reports of the same kind came out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec


class Kind(Protocol):
    """What a report is compared with, and whose traffic it is about."""

    @property
    def against(self) -> str: ...

    @property
    def scenario(self) -> str | None: ...


@dataclass(frozen=True)
class Score:
    """Which share of the features had drifted in the time before a moment."""

    until_us: int
    share: float


class _Kept(msgspec.Struct):
    """What of a kept report tells its kind and its score."""

    until_us: int
    against: str
    share: float
    scenario: str | None = None


def scores(reports: Iterable[str], about: Kind) -> list[Score]:
    """Of those kept *reports* that ask what *about* asks, the oldest first."""
    kept = [msgspec.json.decode(report, type=_Kept) for report in reports]
    alike = [one for one in kept if (one.against, one.scenario) == (about.against, about.scenario)]
    return sorted((Score(one.until_us, one.share) for one in alike), key=lambda score: score.until_us)
