"""What the service answers, as it is sent."""

import msgspec

from credit.finding import Finding


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The decision on one application."""

    decision_id: str
    sk_id_curr: int | None
    probability_default: float
    probability_approval: float
    prediction: int
    decision: str
    confidence: float
    risk_level: str
    threshold: float
    model_version: str
    policy_version: str
    warnings: tuple[Finding, ...]
    inference_time_ms: float


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions on the applications of one request, in their order."""

    decisions: tuple[Answer, ...]
    count: int
    inference_time_ms: float
