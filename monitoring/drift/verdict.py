"""Whether one feature drifted, and by what."""

from dataclasses import dataclass
from enum import StrEnum

from monitoring.drift.budget import LEAST_MISSING, LEAST_UNSEEN
from monitoring.drift.category import CategoryBins
from monitoring.drift.limit import no_drift_limit
from monitoring.drift.measures import (
    Tested,
    chi_squared,
    kolmogorov_smirnov,
    missing_p_value,
    psi,
    unseen_p_value,
)
from monitoring.drift.reference import Frozen
from monitoring.drift.tally import Tally


class Reason(StrEnum):
    """What about a feature drifted."""

    VALUES = "values"
    """Its PSI is above the limit."""
    MISSING = "missing"
    """It is missing more often, or less."""
    UNSEEN = "unseen"
    """Words came that training never saw."""


@dataclass(frozen=True)
class FeatureDrift:
    """One feature in two windows, measured and judged."""

    name: str
    importance: float
    is_important: bool
    reasons: tuple[Reason, ...]
    psi: float
    limit: float
    """Above it, the PSI is drift: 0.1, or what chance reaches at this number of decisions."""
    test: str
    """"ks" for numbers, "chi2" for words; shown beside the verdict, never part of it."""
    tested: Tested | None
    missing_before: float
    missing_now: float
    missing_p_value: float
    unseen_now: float
    outside_now: float
    """Share outside the range of the training rows."""
    labels: tuple[str, ...]
    """Of the places that values fall in: the bins, the unseen words, the missing."""
    before: tuple[int, ...]
    now: tuple[int, ...]

    @property
    def drifted(self) -> bool:
        return bool(self.reasons)


def judge(frozen: Frozen, before: Tally, now: Tally, alpha: float) -> FeatureDrift:
    """The verdict on one feature; each of its tests errs with probability *alpha* when nothing changed."""
    index = float(psi(before.counts, now.counts))
    limit = no_drift_limit(before, now.total, alpha)
    missing = missing_p_value(before, now)
    found = {
        Reason.VALUES: index > limit,
        Reason.MISSING: missing < alpha and abs(now.missing_share - before.missing_share) >= LEAST_MISSING,
        Reason.UNSEEN: _is_new(frozen, before, now, alpha),
    }
    words = isinstance(frozen.bins, CategoryBins)
    return FeatureDrift(
        name=frozen.name,
        importance=frozen.importance,
        is_important=frozen.is_important,
        reasons=tuple(reason for reason, is_so in found.items() if is_so),
        psi=index,
        limit=limit,
        test="chi2" if words else "ks",
        tested=chi_squared(before, now) if words else kolmogorov_smirnov(before, now),
        missing_before=before.missing_share,
        missing_now=now.missing_share,
        missing_p_value=missing,
        unseen_now=now.unseen_share,
        outside_now=now.outside_share,
        labels=(*frozen.bins.labels, *(("never seen",) if words else ()), "missing"),
        before=tuple(before.counts.tolist()),
        now=tuple(now.counts.tolist()),
    )


def _is_new(frozen: Frozen, before: Tally, now: Tally, alpha: float) -> bool:
    if not isinstance(frozen.bins, CategoryBins) or now.unseen_share - before.unseen_share < LEAST_UNSEEN:
        return False
    return unseen_p_value(before, now, frozen.bins.once) < alpha
