"""Records of decisions, for tests of what keeps them."""

import msgspec

from credit.finding import Finding
from records.identifier import uuid7
from records.journal import JOURNAL_FORMAT
from records.record import DecisionRecord, SegmentHeader

HEADER = SegmentHeader(
    format=JOURNAL_FORMAT,
    model_version="octroi-credit:0123456789ab",
    model_sha256="0123456789ab" + 52 * "0",
    features=("AMT_CREDIT", "NAME_HOUSING_TYPE", "EXTRA"),
    width=2,
    words=("NAME_HOUSING_TYPE",),
)


def record(**changes: object) -> DecisionRecord:
    """A decision, with *changes*."""
    values: dict[str, object] = {
        "decision_id": uuid7(),
        "request_id": "a-request",
        "decided_at_us": 1_790_000_000_000_000,
        "route": "/predict",
        "sk_id_curr": 100_001,
        "amt_credit": 148_365.0,
        "probability_default": 0.03,
        "prediction": 0,
        "decision": "approve",
        "confidence": 0.67,
        "risk_level": "LOW",
        "threshold": 0.0909,
        "model_version": HEADER.model_version,
        "model_sha256": HEADER.model_sha256,
        "policy_version": "default-01234567",
        "latency_us": 900,
        "warnings": (Finding("EXTRA", "outside-training-range", "outside"),),
        "inputs": msgspec.Raw(b'[148365.0,"House",null]'),
    }
    return DecisionRecord(**{**values, **changes})  # type: ignore[arg-type]
