"""One HTTP request on its way through the service: who asks for what, and what was answered."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from api.answer import Answer, BatchAnswer
from api.asgi import Header, Scope
from api.body import Refused
from credit.finding import Finding
from records.identifier import random_name

log = structlog.get_logger()

SINGLE = "/predict"
BATCH = "/predict_batch"
_KEY = "octroi.visit"
_DECIDING = (
    *(b"host", b"content-type", b"content-encoding", b"authorization", b"x-api-key"),
    *(b"idempotency-key", b"x-octroi-scenario"),
)
_SANE_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_SANE_SCENARIO = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
_TRACE = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(slots=True)
class Visit:
    """What is known of one request, from its head to its log line."""

    request_id: str
    """The client's `X-Request-ID` if it is sane, else a new one."""
    trace_id: str | None
    """Of the client's `traceparent` (W3C Trace Context), if it is one."""
    path: str
    """As the client asked for it."""
    route: str
    """The route of ours that it means, or "other"."""
    given: Mapping[bytes, bytes] = field(default_factory=dict)
    """The request's headers, names in lower case; of one that came twice, the last."""
    scenario: str | None = None
    """What the client calls this traffic if it is simulated: its `X-Octroi-Scenario`."""
    key: str | None = None
    """Name of the API key, once it was accepted."""
    headers: list[Header] = field(default_factory=list)
    """What the answer must say besides its body."""
    answer: Answer | BatchAnswer | None = None
    decided: tuple[Answer, ...] = ()
    """What was decided for it; nothing when it got an answer again."""
    errors: tuple[Finding, ...] = ()
    """Why an application was refused."""
    problem: str | None = None
    """Type of the problem it ended in, unless its status says all."""
    started_ns: int = field(default_factory=time.perf_counter_ns)

    @property
    def elapsed_s(self) -> float:
        return (time.perf_counter_ns() - self.started_ns) / 1e9

    def log(self, status: int | None, latency_s: float) -> None:
        """Write the one line of this request. Nothing of an applicant is in it."""
        log.info(
            "request",
            request_id=self.request_id,
            trace_id=self.trace_id,
            route=self.route,
            status=status,
            latency_ms=1000 * latency_s,
            key=self.key,
            **_told(self.answer),
        )


def begin(scope: Scope, route: str) -> Visit:
    """The visit that starts with *scope*, which then carries it."""
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    request_id = given.decode("ascii") if _SANE_ID.fullmatch(given) else random_name()
    visit = Visit(request_id, _trace_id(headers.get(b"traceparent", b"")), scope["path"], route, headers)
    visit.headers.append((b"x-request-id", request_id.encode()))
    if visit.trace_id is not None:
        visit.headers.append((b"traceparent", headers[b"traceparent"]))
    scope[_KEY] = visit
    return visit


def require_clear(scope: Scope) -> None:
    """`Refused` when a header that decides something came twice: not everybody on the way takes the same."""
    headers = scope["headers"]
    if len(visit_of(scope).given) == len(headers):
        return
    names = [name for name, _ in headers]
    for name in _DECIDING:
        if names.count(name) > 1:
            raise Refused(400, f"the header {name.decode()} came more than once: send it once")


def scenario_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The client's `X-Octroi-Scenario`; `Refused` when it is no name, lest its traffic pass as real."""
    given = headers.get(b"x-octroi-scenario")
    if given is None:
        return None
    if not _SANE_SCENARIO.fullmatch(given):
        raise Refused(400, "X-Octroi-Scenario takes 1 to 64 letters, digits, points, hyphens and underscores")
    return given.decode("ascii")


def visit_of(scope: Scope) -> Visit:
    """The visit that *scope* belongs to."""
    visit: Visit = scope[_KEY]
    return visit


def _trace_id(traceparent: bytes) -> str | None:
    match = _TRACE.fullmatch(traceparent)
    return match[1].decode() if match else None


def _told(answer: Answer | BatchAnswer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, BatchAnswer):
        return {"count": answer.count, "first_decision_id": answer.decisions[0].decision_id}
    return {
        "decision_id": answer.decision_id,
        "probability_default": answer.probability_default,
        "decision": answer.decision,
        "model_version": answer.model_version,
        "policy_version": answer.policy_version,
    }
