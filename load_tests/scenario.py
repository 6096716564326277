"""What may happen to the clients a lender sees, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from monitoring.trial.induced import Change, Lose, Only, Outlier, Replace, Scale, Shift

_DAYS = 365.25
_SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
_BUREAU = ("BURO_", "ACTIVE_", "CLOSED_")
"""How the names of what the credit bureau tells begin."""
_FAR = 1e9


@dataclass(frozen=True)
class Scenario:
    """A kind of drift whose size can be chosen."""

    meaning: str
    """At size 1."""
    changes: Callable[[float, tuple[str, ...]], tuple[Change, ...]]
    """Given the size, and the names of all features."""


def _bureau(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name.startswith(_BUREAU))


SCENARIOS: dict[str, Scenario] = {
    "shift": Scenario(
        "clients 8 years older",
        lambda size, _: (Shift(("DAYS_BIRTH",), -8 * _DAYS * size, low=-40_000, high=-5_000),),
    ),
    "scale": Scenario("annuities times 1.3", lambda size, _: (Scale(("AMT_ANNUITY",), 1 + 0.3 * size),)),
    "missing": Scenario(
        "the third external score missing 10 points more often",
        lambda size, _: (Lose(("EXT_SOURCE_3",), min(1.0, 0.1 * size)),),
    ),
    "new-category": Scenario(
        "a kind of employer nobody knows, for 5 % of the clients",
        lambda size, _: (Replace("ORGANIZATION_TYPE", "Platform", min(1.0, 0.05 * size)),),
    ),
    "population": Scenario(
        "only clients whose second external score is below 0.4",
        lambda size, _: (Only("EXT_SOURCE_2", 0.0, max(0.05, 0.4 / size)),),
    ),
    "lower-scores": Scenario(
        "external scores lower by 0.15", lambda size, _: (Shift(_SCORES, -0.15 * size, low=0.0, high=1.0),)
    ),
    "larger-credits": Scenario(
        "credits times 1.5", lambda size, _: (Scale(("AMT_CREDIT",), 1 + 0.5 * size),)
    ),
    "young-clients": Scenario(
        "clients under 30 only", lambda size, _: (Only("DAYS_BIRTH", -30 * _DAYS / min(size, 1.5), 0.0),)
    ),
    "silent-bureau": Scenario(
        "nothing from the credit bureau", lambda size, names: (Lose(_bureau(names), min(1.0, size)),)
    ),
    "outlier": Scenario(
        "one client with an income of 117,000,000",
        lambda size, _: (Outlier("AMT_INCOME_TOTAL", min(_FAR, 117_000_000.0 * size)),),
    ),
}
