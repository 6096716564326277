"""Every error as `application/problem+json` (RFC 9457)."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

from api.asgi import Scope
from api.body import Refused
from api.refusal import MalformedBody
from api.visit import visit_of
from credit.errors import InvalidApplication, OctroiError, Overloaded, UnknownClient, UnknownDecision
from credit.finding import Finding

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    "malformed-body": "The body is not the JSON expected",
    "invalid-application": "The application breaks a rule",
    "unknown-client": "The client is not known here",
    "unknown-decision": "The decision is not in the records",
    "overloaded": "The service is at its limit",
    "unavailable": "The service cannot decide now",
}
_ADVICE = {
    404: "there is nothing under this path: see /docs",
    405: "this path does not take this method: see /docs",
    500: "this is the service's own fault: its log has more under this request id",
    503: "the service is not ready: see /readyz",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One error, for a program and for its programmer. Title and type never hold what a client sent."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: tuple[Finding, ...] = ()


def problem_response(error: OctroiError | Refused, scope: Scope) -> Response:
    """The response that tells *error* to the client of *scope*."""
    if isinstance(error, Refused):
        response = problem_with_status(error.status, scope, error.detail)
        response.raw_headers.extend(error.headers)
        return response
    status, name = _kind(error)
    visit_of(scope).problem = name
    errors = error.errors if isinstance(error, InvalidApplication | UnknownClient) else ()
    response = _response(scope, status, f"/problems/{name}", _TITLES[name], _detail(error), errors)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["retry-after"] = "1"
    return response


def problem_with_status(status: int, scope: Scope, detail: str | None = None) -> Response:
    """The response that says what *status* alone says."""
    told = detail or _ADVICE.get(status, "see /docs for what this path takes")
    return _response(scope, status, "about:blank", HTTPStatus(status).phrase, told)


def _response(
    scope: Scope, status: int, kind: str, title: str, detail: str, errors: tuple[Finding, ...] = ()
) -> Response:
    visit = visit_of(scope)
    problem = Problem(
        type=kind,
        title=title,
        status=status,
        detail=detail,
        instance=visit.path,
        request_id=visit.request_id,
        errors=errors,
    )
    return Response(msgspec.json.encode(problem), status, media_type=MEDIA_TYPE)


def _kind(error: OctroiError) -> tuple[int, str]:
    if isinstance(error, MalformedBody):
        return 400, "malformed-body"
    if isinstance(error, InvalidApplication):
        return 422, "invalid-application"
    if isinstance(error, UnknownClient):
        return 404, "unknown-client"
    if isinstance(error, UnknownDecision):
        return 404, "unknown-decision"
    return 503, "overloaded" if isinstance(error, Overloaded) else "unavailable"


def _detail(error: OctroiError) -> str:
    if not isinstance(error, InvalidApplication):
        return str(error)
    first, *others = error.errors
    more = f" (and {len(others)} more, under errors)" if others else ""
    return f"{first.field or 'body'}: {first.message}{more}"
