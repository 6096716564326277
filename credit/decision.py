"""What we answer for one applicant, and must be able to explain later."""

from dataclasses import dataclass
from enum import StrEnum

from credit.policy import Policy


class Decision(StrEnum):
    """The lender's word. Elsewhere: APPROVED/REJECTED, ACCEPTED/REFUSED, ACCORD/REFUS."""

    APPROVE = "approve"
    REFUSE = "refuse"


class RiskLevel(StrEnum):
    """Where a probability of default lies among the policy's bands."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A probability of default read under a policy.

    >>> refused = Assessment(0.30, Policy(threshold=0.09))
    >>> refused.decision, refused.prediction, refused.risk_level
    (<Decision.REFUSE: 'refuse'>, 1, <RiskLevel.HIGH: 'HIGH'>)
    """

    probability_default: float
    policy: Policy

    @property
    def threshold(self) -> float:
        return self.policy.threshold

    @property
    def probability_approval(self) -> float:
        return 1.0 - self.probability_default

    @property
    def prediction(self) -> int:
        """1 = refuse, from the threshold on; 0 = approve."""
        return int(self.probability_default >= self.threshold)

    @property
    def decision(self) -> Decision:
        return Decision.REFUSE if self.prediction else Decision.APPROVE

    @property
    def confidence(self) -> float:
        """Distance to the threshold: 0 at it, 1 at a probability of 0 or 1."""
        p, t = self.probability_default, self.threshold
        return (t - p) / t if p < t else (p - t) / (1.0 - t)

    @property
    def risk_level(self) -> RiskLevel:
        if self.probability_default < self.policy.low_below * self.threshold:
            return RiskLevel.LOW
        if self.probability_default >= self.policy.high_from * self.threshold:
            return RiskLevel.HIGH
        return RiskLevel.MEDIUM
