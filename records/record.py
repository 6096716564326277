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
    scoring_us: int = 0
    """What encoding and scoring took of it, for all who were scored together."""
    trace_id: str | None = None
    """Of the client's `traceparent`."""
    key_name: str | None = None
    """Name of the API key."""
    idempotency_key: str | None = None
    """What the client called this request, so that it may send it again; with `key_name`, whose it is."""
    scenario: str | None = None
    """What a simulation calls its traffic; `None` for real traffic."""
    warnings: tuple[Finding, ...] = ()
    inputs: msgspec.Raw
    """JSON array of the raw named values, in the order of the segment's features."""


class SegmentHeader(msgspec.Struct, frozen=True, kw_only=True, tag="header"):
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


class Anomaly(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that went wrong or was refused, or *count* alike; never with a value of an applicant's."""

    happened_at_us: int
    kind: str
    count: int = 1
    key: str | None = None
    """What makes it the same when it is told twice."""
    decision_id: str | None = None
    request_id: str | None = None
    route: str | None = None
    status: int | None = None
    field: str | None = None
    rule: str | None = None
    """The rule that was broken; of an error, the type of its problem."""
    scenario: str | None = None
    detail: str = ""


class ErrorReport(msgspec.Struct, frozen=True, kw_only=True, tag="errors"):
    """What a worker refused or failed at lately; each anomaly has a key."""

    anomalies: tuple[Anomaly, ...]
