"""The bodies of the declared routes, for BentoML's clients and the OpenAPI document."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Features = dict[str, float | str | None]
"""An applicant as BentoML's clients send it: no fixed fields, because they depend on the model."""


class Applicant(BaseModel):
    """One applicant's features by name; `sk_id_curr` is the client's own number, optional."""

    # The names depend on the model that is served; ApplicationReader checks them.
    model_config = ConfigDict(extra="allow")

    sk_id_curr: int | None = Field(
        None, ge=1, le=2**53, description="The client's number, returned and recorded."
    )


class KnownClient(BaseModel):
    """A client whose features are stored here, by number alone."""

    model_config = ConfigDict(extra="forbid")

    sk_id_curr: int = Field(ge=1, le=2**53, description="The client's number.", examples=[100001])


class Applicants(BaseModel):
    """Several applicants, decided and recorded together."""

    model_config = ConfigDict(extra="forbid")

    clients: list[Applicant | KnownClient] = Field(min_length=1, description="One object for each applicant.")


class Warned(BaseModel):
    """Something worth knowing about one field; it did not stop the decision."""

    field: str = Field(description="The feature, or * for the application as a whole.")
    rule: str = Field(examples=["unknown-category"])
    message: str


class Decision(BaseModel):
    """The decision on one applicant."""

    decision_id: str = Field(description="uuid7 of this decision.")
    sk_id_curr: int | None = Field(description="The client's number, as sent.")
    probability_default: float = Field(ge=0, le=1, description="Probability of payment difficulty.")
    probability_approval: float = Field(ge=0, le=1, description="1 - probability_default.")
    prediction: Literal[0, 1] = Field(
        description="0 = approve, 1 = refuse: probability_default >= threshold."
    )
    decision: Literal["approve", "refuse"]
    confidence: float = Field(ge=0, le=1, description="Distance to the threshold: 0 at it, 1 at the far end.")
    risk_level: Literal["LOW", "MEDIUM", "HIGH"] = Field(description="Band of the policy.")
    threshold: float = Field(gt=0, lt=1)
    model_version: str = Field(examples=["octroi-credit:0123456789ab"])
    policy_version: str = Field(examples=["default-01234567"])
    warnings: list[Warned]
    inference_time_ms: float = Field(
        ge=0, description="From the parsed body to the answer, journal included."
    )


class Decisions(BaseModel):
    """The decisions on several applicants, in their order."""

    decisions: list[Decision]
    count: int = Field(ge=1)
    inference_time_ms: float = Field(ge=0)


class LoanOutcome(BaseModel):
    """What became of a loan, once it is over."""

    model_config = ConfigDict(extra="forbid")

    decision_id: str = Field(description="uuid7 of the answer that the loan was granted by.")
    outcome: Literal["repaid", "defaulted"]
    date: dt.date = Field(description="When that was seen; not in the future.")


class FoundError(Warned):
    """A rule that the application breaks."""


class ProblemBody(BaseModel):
    """RFC 9457: what is wrong, and with which field."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FoundError]
