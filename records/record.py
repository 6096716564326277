"""One decision as the journal and the database keep it."""

import msgspec

from credit.finding import Finding


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything needed to count, explain and replay one decision."""

    decision_id: str
    """uuid7, lower case, hyphenated."""
    request_id: str
    decided_at_us: int
    """Microseconds since the epoch."""
    route: str
    sk_id_curr: int | None
    amt_credit: float | None
    probability_default: float
    prediction: int
    decision: str
    confidence: float
    risk_level: str
    threshold: float
    model_version: str
    model_sha256: str
    policy_version: str
    latency_us: int
    """From the parsed body until the record was handed to the journal."""
    warnings: tuple[Finding, ...] = ()
    inputs: msgspec.Raw
    """JSON array of the raw named values, in the order of the segment's features."""


class SegmentHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What the records of one journal segment share."""

    format: int
    model_version: str
    model_sha256: str
    features: tuple[str, ...]
    """Names of the values in each record's `inputs`, in order: the model's own first."""
    width: int
    """How many of the features the model uses."""
    words: tuple[str, ...]
    """Which of the features are categories."""
