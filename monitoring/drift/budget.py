"""How often each test may err, for a whole report to err seldom."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitoring.drift.category import CategoryBins
from monitoring.drift.chance import binomial_tail, poisson_limit
from monitoring.drift.limit import chance_of_floor
from monitoring.drift.reference import PROBABILITY, Frozen, Reference
from monitoring.drift.tally import Tally

SHARE_FOR_RETRAINING = 0.3
"""So many of the features drifted are an alert together."""
FALSE_ALARMS = 0.002
"""Share of reports without drift that may raise any alert."""
FALSE_NAMES = 0.01
"""Share of reports without drift that may name a feature which is no alert by itself."""
LEAST_MISSING = 0.05
"""A smaller change of the missing share is no drift worth the name."""
LEAST_UNSEEN = 0.01
"""A smaller share of unseen words is no drift worth the name."""
_NEVER = 1e-6


@dataclass(frozen=True, slots=True)
class Budget:
    """How often a test may err: of what alerts by itself, and of what alerts only in company."""

    alone: float
    together: float

    @classmethod
    def of(cls, reference: Reference, before: Mapping[str, Tally], rows: int) -> "Budget":
        """The budget of a comparison of *rows* decisions with those *before*.

        What is allowed is divided by the number of tests (Bonferroni). Those that chance cannot bring to the
        least effect that counts take no part: of a thousand decisions few can err, and these few see the
        more. However the features hang together, Markov bounds the chance that a share of them drifts by
        its expectation.
        """
        alone = [reference.probability, *(one for one in reference.features if one.is_important)]
        others = [one for one in reference.features if not one.is_important]
        share = FALSE_ALARMS / 2 * SHARE_FOR_RETRAINING * len(reference.features)
        return cls(
            FALSE_ALARMS / 2 / max(1, _tests(alone, before, rows)),
            min(FALSE_NAMES, share) / max(1, _tests(others, before, rows)),
        )

    def error_of(self, one: Frozen) -> float:
        """How often each test of *one* may err."""
        return self.alone if one.is_important or one.name == PROBABILITY else self.together


def _tests(features: Iterable[Frozen], before: Mapping[str, Tally], rows: int) -> int:
    chances = [chance for one in features for chance in _chances(one, before[one.name], rows)]
    return sum(chance > _NEVER for chance in chances)


def _chances(one: Frozen, before: Tally, rows: int) -> list[float]:
    """How probable it is that chance alone reaches what counts, of each test of a feature."""
    found = [chance_of_floor(before, rows), _chance_of_missing(before, rows)]
    if isinstance(one.bins, CategoryBins):
        rate = min(1.0, poisson_limit((before.unseen or 0) + one.bins.once) / before.total)
        found.append(binomial_tail(math.ceil(rows * LEAST_UNSEEN), rows, rate))
    return found


def _chance_of_missing(before: Tally, rows: int) -> float:
    size = round(1 / (1 / rows + 1 / before.total))
    share = (before.missing + 1) / (before.total + 2)
    return sum(
        binomial_tail(math.ceil(size * (rate + LEAST_MISSING)), size, rate) for rate in (share, 1 - share)
    )
