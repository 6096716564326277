"""One decision between its scoring and its answer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from api.answer import Answer
from api.application import Application
from api.model import ServedModel
from api.reservations import Claim
from api.visit import SINGLE, Visit
from credit.decision import Assessment
from credit.finding import Finding
from features.schema import Value
from records.identifier import uuid7
from records.record import DecisionRecord

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Request:
    """What one HTTP request asks: one application or more."""

    applications: tuple[Application, ...]
    visit: Visit
    decision_ids: tuple[str, ...]
    """Of each application, under which it will be recorded."""
    claim: Claim | None = None
    """Of a request that came with an idempotency key."""
    started_ns: int = field(default_factory=time.perf_counter_ns)
    """When the body had been parsed, by `time.perf_counter_ns`."""

    @classmethod
    def new(cls, applications: Sequence[Application], visit: Visit, claim: Claim | None = None) -> "Request":
        """A request that nobody made before."""
        return cls(tuple(applications), visit, tuple([uuid7() for _ in applications]), claim)

    @property
    def is_single(self) -> bool:
        """Whether it asks for one decision, not for a list of them."""
        return self.visit.route == SINGLE

    @property
    def is_plain(self) -> bool:
        """Whether it asks for one decision on features, for the first time: there is nothing to look up."""
        return self.claim is None and self.is_single and not self.applications[0].is_number_alone

    @property
    def elapsed_ns(self) -> int:
        return time.perf_counter_ns() - self.started_ns


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that the journal and the client are each told in their own words."""

    model: ServedModel
    request: Request
    application: Application
    assessment: Assessment
    warnings: tuple[Finding, ...]
    decision_id: str
    scoring_ns: int
    """What encoding and scoring took for all who were scored together."""

    def record(self) -> DecisionRecord:
        """What the journal keeps."""
        assessment, visit = self.assessment, self.request.visit
        return DecisionRecord(
            decision_id=self.decision_id,
            request_id=visit.request_id,
            trace_id=visit.trace_id,
            decided_at_us=time.time_ns() // 1000,
            route=visit.route,
            key_name=visit.key,
            idempotency_key=self.request.claim.name if self.request.claim else None,
            scenario=visit.scenario,
            sk_id_curr=self.application.sk_id_curr,
            amt_credit=self.application.amount(self.model.schema),
            probability_default=assessment.probability_default,
            prediction=assessment.prediction,
            decision=str(assessment.decision),
            confidence=assessment.confidence,
            risk_level=str(assessment.risk_level),
            threshold=assessment.threshold,
            model_version=self.model.version,
            model_sha256=self.model.sha256,
            policy_version=assessment.policy.version,
            latency_us=self.request.elapsed_ns // 1000,
            scoring_us=self.scoring_ns // 1000,
            warnings=self.warnings,
            inputs=msgspec.Raw(_encode(_without_trailing_missing(self.application.values))),
        )

    def answer(self) -> Answer:
        """What the client gets; call it once the record is durable."""
        assessment = self.assessment
        return Answer(
            decision_id=self.decision_id,
            sk_id_curr=self.application.sk_id_curr,
            probability_default=assessment.probability_default,
            probability_approval=assessment.probability_approval,
            prediction=assessment.prediction,
            decision=str(assessment.decision),
            confidence=assessment.confidence,
            risk_level=str(assessment.risk_level),
            threshold=assessment.threshold,
            model_version=self.model.version,
            policy_version=assessment.policy.version,
            warnings=self.warnings,
            inference_time_ms=self.request.elapsed_ns / 1e6,
        )


def _without_trailing_missing(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values up to the last one given: a model uses a fifth of what it accepts."""
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]
