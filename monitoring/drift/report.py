"""What a comparison of two windows found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from credit.policy import Policy
from monitoring.drift.budget import SHARE_FOR_RETRAINING, Budget
from monitoring.drift.expected import Expected, expected
from monitoring.drift.reference import PROBABILITY, Reference
from monitoring.drift.verdict import FeatureDrift, judge
from monitoring.drift.window import Window

ENOUGH = 50
"""Fewer decisions say nothing, not even that nothing drifted."""

KINDS = ("share", "feature", "probability")
"""Of alerts."""


class Verdict(StrEnum):
    """The answer of a report."""

    NOT_ENOUGH_DATA = "not enough data"
    NO_DRIFT = "no drift"
    DRIFT = "drift"
    """Some feature drifted; no reason to wake anybody."""
    ALERT = "alert"


@dataclass(frozen=True)
class Alert:
    """Something a person must look at."""

    kind: str
    """One of `KINDS`."""
    message: str
    feature: str | None = None
    """Which one, when it is one feature's."""


@dataclass(frozen=True)
class Comparison:
    """Two windows, compared feature by feature."""

    rows_before: int
    rows_now: int
    features: tuple[FeatureDrift, ...]
    """The most important first; none when there are too few decisions."""
    probability: FeatureDrift | None
    expected_before: Expected | None
    expected_now: Expected | None

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        return tuple(feature for feature in self.features if feature.drifted)

    @property
    def share(self) -> float:
        """Share of the features that drifted."""
        return len(self.drifted) / len(self.features) if self.features else 0.0

    @property
    def retraining_recommended(self) -> bool:
        return bool(self.features) and self.share >= SHARE_FOR_RETRAINING

    @property
    def alerts(self) -> tuple[Alert, ...]:
        found = []
        if self.retraining_recommended:
            message = f"{self.share:.0%} of the features drifted: retraining is recommended"
            found.append(Alert("share", message))
        if self.probability is not None and self.probability.drifted:
            found.append(Alert("probability", "the probability of default itself drifted"))
        found += [
            Alert(
                "feature",
                f"{feature.name}, an important feature, drifted: {', '.join(feature.reasons)}",
                feature.name,
            )
            for feature in self.drifted
            if feature.is_important
        ]
        return tuple(found)

    @property
    def verdict(self) -> Verdict:
        if self.probability is None:
            return Verdict.NOT_ENOUGH_DATA
        if self.alerts:
            return Verdict.ALERT
        return Verdict.DRIFT if self.drifted else Verdict.NO_DRIFT


def compare(reference: Reference, before: Window, now: Window, policy: Policy) -> Comparison:
    """Compare *now* with *before*, which is the training rows or an earlier window of the same model."""
    if min(before.rows, now.rows) < ENOUGH:
        return Comparison(before.rows, now.rows, (), None, None, None)
    budget = Budget.of(reference, before.tallies, now.rows)
    judged = {
        one.name: judge(one, before.tallies[one.name], now.tallies[one.name], budget.error_of(one))
        for one in reference.everything
    }
    probability = judged.pop(PROBABILITY)
    return Comparison(
        before.rows,
        now.rows,
        tuple(judged.values()),
        probability,
        expected(before.probabilities, before.rows, policy),
        expected(now.probabilities, now.rows, policy),
    )
