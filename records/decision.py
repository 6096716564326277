"""One recorded decision in full."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from credit.errors import UnknownDecision
from credit.finding import Finding
from records.database import Database
from records.hours import written
from records.tables import model_features, outcomes, prediction_inputs, predictions

_ID = re.compile(r"[\x21-\x7e]{1,36}")


class RecordedOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a loan, as far as it was told."""

    outcome: str
    """"repaid" or "defaulted"."""
    date: str


class RecordedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the records hold of one decision, named as in the answer."""

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
    model_sha256: str
    policy_version: str
    warnings: tuple[Finding, ...]
    decided_at: str
    """RFC 3339, UTC."""
    request_id: str
    route: str
    status: int
    latency_ms: float
    scoring_ms: float
    trace_id: str | None
    key_name: str | None
    scenario: str | None
    seq: int
    """Its place in the chain."""
    chain_hash: str
    personal_digest: str
    inputs: dict[str, float | str | None] | None
    """Every accepted feature by name; `None` once the client's data were erased."""
    outcome: RecordedOutcome | None


def is_id(text: str) -> bool:
    """Whether a decision can have this id: a database need not be asked for what it cannot even hold."""
    return _ID.fullmatch(text) is not None


def read_decision(database: Database, decision_id: str) -> RecordedDecision:
    """The decision of this id; `UnknownDecision` when the database has none."""
    if not is_id(decision_id):
        raise UnknownDecision("that is no decision's id: take the decision_id of an answer")
    with database.reading() as connection:
        query = (
            sa.select(predictions, prediction_inputs.c.inputs, outcomes.c.defaulted, outcomes.c.observed_on)
            .outerjoin(prediction_inputs, prediction_inputs.c.seq == predictions.c.seq)
            .outerjoin(outcomes, outcomes.c.decision_id == predictions.c.decision_id)
            .where(predictions.c.decision_id == decision_id)
        )
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise UnknownDecision(
                f"no decision {decision_id} in the records; one just made is there within a second"
            )
        names = connection.scalars(
            sa.select(model_features.c.name)
            .where(model_features.c.model_sha256 == row["model_sha256"])
            .order_by(model_features.c.position)
        ).all()
    return _told(row, list(names))


def _told(row: Mapping[Any, Any], names: list[str]) -> RecordedDecision:
    same = {name: row[name] for name in RecordedDecision.__struct_fields__ if name in row}
    seen = row["observed_on"]
    computed = {
        "probability_approval": 1.0 - row["probability_default"],
        "warnings": msgspec.json.decode(row["warnings"], type=tuple[Finding, ...]),
        "decided_at": written(row["decided_at_us"]),
        "latency_ms": row["latency_us"] / 1000,
        "scoring_ms": row["scoring_us"] / 1000,
        "inputs": None if row["inputs"] is None else _named(names, row["inputs"]),
        "outcome": seen
        and RecordedOutcome(outcome=word_of(defaulted=row["defaulted"]), date=seen.isoformat()),
    }
    return RecordedDecision(**{**same, **computed})


def word_of(*, defaulted: bool) -> str:
    """The word for an outcome."""
    return "defaulted" if defaulted else "repaid"


def _named(names: list[str], inputs: str) -> dict[str, float | str | None]:
    """Values by name; those missing at the end were not written."""
    values = msgspec.json.decode(inputs)
    return dict(zip(names, [*values, *[None] * (len(names) - len(values))], strict=True))
