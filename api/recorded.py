"""Routes to what was decided: read one decision, tell what became of it, erase a client's data."""

import asyncio
import re
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.body import Refused, check_head, read_body
from api.office import working_office
from api.refusal import MalformedBody
from api.visit import visit_of
from credit.errors import InvalidApplication
from credit.finding import Finding
from records.decision import read_decision
from records.outcomes import InvalidOutcome, Outcome, tell

DECISIONS = "/decisions"
OUTCOMES = "/outcomes"
CLIENTS = "/clients"
_MAX_OUTCOME_BYTES = 4096
_CLIENT = re.compile(r"[0-9]{1,16}")
_LARGEST_CLIENT = 2**53
_FORM = "send an object with decision_id, outcome and date, and nothing else"
_FORMS = {
    "decision_id": "send the decision_id of the answer",
    "outcome": 'send "repaid" or "defaulted"',
    "date": "send a date such as 2026-11-25",
}
_decode_outcome = msgspec.json.Decoder(Outcome).decode


def recorded_routes() -> list[Route]:
    """The routes, for the pages' application."""
    return [
        Route(f"{DECISIONS}/{{decision_id}}", _decision, methods=["GET"]),
        Route(OUTCOMES, _outcome, methods=["POST"]),
        Route(f"{CLIENTS}/{{sk_id_curr}}/data", _erase, methods=["DELETE"]),
    ]


async def _decision(request: Request) -> Response:
    archive = working_office().archive
    # In a thread, as with the others: a server may take its time.
    found = await asyncio.to_thread(
        lambda: read_decision(archive.database, request.path_params["decision_id"])
    )
    return _json(found)


async def _outcome(request: Request) -> Response:
    check_head(request.method, visit_of(request.scope).given, _MAX_OUTCOME_BYTES)
    outcome = _read(await read_body(request.receive, _MAX_OUTCOME_BYTES))
    archive = working_office().archive
    try:
        told = await asyncio.to_thread(lambda: tell(archive.database, [outcome]))
    except InvalidOutcome as error:
        raise _refusal("date", str(error)) from None
    state = "recorded" if told.new else "corrected" if told.corrected else "unchanged"
    return _json({"decision_id": outcome.decision_id, "outcome": outcome.outcome, "state": state})


async def _erase(request: Request) -> Response:
    given = request.path_params["sk_id_curr"]
    if not _CLIENT.fullmatch(given) or not 1 <= int(given) <= _LARGEST_CLIENT:
        raise Refused(HTTPStatus.NOT_FOUND, "a client's number is a whole number from 1 on")
    return _json(await asyncio.to_thread(working_office().archive.erase, int(given)))


def _read(body: bytes) -> Outcome:
    try:
        return _decode_outcome(body)
    except msgspec.ValidationError as error:
        # Of its text only the place is ours: the rest may be a value.
        field = str(error).partition(" - at `$.")[2].strip("`")
        named = field if field in _FORMS else ""
        raise _refusal(named, _FORMS.get(field, _FORM)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(f"the body is not JSON: {error}") from None


def _refusal(field: str, reason: str) -> InvalidApplication:
    return InvalidApplication((Finding(field, "outcome", reason),))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
