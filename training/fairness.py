"""How decisions fall on groups of clients: measured, not a model input."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.cost import Labels
from training.sample import Column

SMALL = 100
"""Below so many repaying clients, an approval rate of theirs is off by five points and more by chance."""
_DAYS_A_YEAR = 365.25
_AGES = (30, 40, 50, 60)
_BANDS = ("under 30", "30 to 39", "40 to 49", "50 to 59", "60 and over")
_UNKNOWN = "unknown"

Groups = npt.NDArray[np.object_]
"""Each client's group, (n,)."""


@dataclass(frozen=True)
class GroupOutcome:
    """What was decided about one group."""

    group: str
    clients: int
    approved: int
    repaid: int
    """Clients without payment difficulties."""
    repaid_approved: int

    @property
    def approval_rate(self) -> float:
        return self.approved / self.clients

    @property
    def default_rate(self) -> float:
        return 1.0 - self.repaid / self.clients

    @property
    def equal_opportunity(self) -> float | None:
        """The approval rate among those who repaid; none when nobody did."""
        return self.repaid_approved / self.repaid if self.repaid else None

    @property
    def is_small(self) -> bool:
        return self.repaid < SMALL


def outcomes_by(groups: Groups, defaulted: Labels, approved: Labels) -> tuple[GroupOutcome, ...]:
    """The outcome of each group that occurs, in the order of the groups' names; the unknown last."""
    names = sorted(set(groups), key=lambda group: (group == _UNKNOWN, group != _BANDS[0], group))
    return tuple(_outcome(name, groups == name, defaulted, approved) for name in names)


def _outcome(name: str, inside: Labels, defaulted: Labels, approved: Labels) -> GroupOutcome:
    return GroupOutcome(
        group=name,
        clients=int(inside.sum()),
        approved=int((inside & approved).sum()),
        repaid=int((inside & ~defaulted).sum()),
        repaid_approved=int((inside & ~defaulted & approved).sum()),
    )


def sexes(code_gender: Column) -> Groups:
    """Groups by CODE_GENDER."""
    return np.array([_UNKNOWN if value is None else str(value) for value in code_gender], dtype=object)


def age_bands(days_birth: Column) -> Groups:
    """Groups by age at the application, in whole years; DAYS_BIRTH counts back from it."""
    days = np.asarray(days_birth, dtype=np.float64)
    bands = np.array([*_BANDS, _UNKNOWN], dtype=object)
    place = np.searchsorted(_AGES, -days / _DAYS_A_YEAR, side="right")
    return bands[np.where(np.isnan(days), len(_BANDS), place)]


def largest_gap(outcomes: Sequence[GroupOutcome]) -> float | None:
    """The largest difference in equal opportunity between two groups that are not small, if there are two."""
    rates = [group.equal_opportunity for group in outcomes if not group.is_small]
    known = [rate for rate in rates if rate is not None]
    return max(known) - min(known) if len(known) > 1 else None
