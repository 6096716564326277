"""Every error as `application/problem+json` (RFC 9457)."""

from http import HTTPStatus

import msgspec

from api.application import MalformedBody
from credit.errors import InvalidApplication, OctroiError, Overloaded, UnknownClient
from credit.finding import Finding

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    "malformed-body": "The body is not the JSON expected",
    "invalid-application": "The application breaks a rule",
    "unknown-client": "The client is not known here",
    "overloaded": "The service is at its limit",
    "unavailable": "The service cannot decide now",
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


def problem_of(error: OctroiError, instance: str, request_id: str) -> Problem:
    """The problem that tells *error*."""
    status, name = _kind(error)
    return Problem(
        type=f"/problems/{name}",
        title=_TITLES[name],
        status=status,
        detail=_detail(error),
        instance=instance,
        request_id=request_id,
        errors=error.errors if isinstance(error, InvalidApplication) else (),
    )


def problem_with_status(status: int, detail: str, instance: str, request_id: str) -> Problem:
    """The problem that a status alone tells."""
    return Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=instance,
        request_id=request_id,
    )


def _kind(error: OctroiError) -> tuple[int, str]:
    if isinstance(error, MalformedBody):
        return 400, "malformed-body"
    if isinstance(error, InvalidApplication):
        return 422, "invalid-application"
    if isinstance(error, UnknownClient):
        return 404, "unknown-client"
    return 503, "overloaded" if isinstance(error, Overloaded) else "unavailable"


def _detail(error: OctroiError) -> str:
    if not isinstance(error, InvalidApplication):
        return str(error)
    first, *others = error.errors
    more = f" (and {len(others)} more, under errors)" if others else ""
    return f"{first.field or 'body'}: {first.message}{more}"
