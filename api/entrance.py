"""The way in: it decides applications itself, and lets everything else through to BentoML.

It stands before BentoML's own stack. Deciding here skips BentoML's parsing and dispatch; the declared
routes remain the contract, and with the hot path off they decide.
"""

import asyncio
from http import HTTPStatus

import msgspec
import structlog
from starlette.applications import Starlette

from api.aftermath import Aftermath
from api.answer import Answer, BatchAnswer
from api.asgi import PARSED, AsgiApp, Message, Receive, Scope, Send
from api.body import Refused, check_head, read_body
from api.decided import Request
from api.departure import Departure
from api.guard import Guard
from api.mishap import note_error
from api.office import Office, working_office
from api.pages import page_paths
from api.problem import problem_response, problem_with_status
from api.recorded import CLIENTS, DECISIONS, OUTCOMES
from api.repetition import claim_of
from api.rewording import Rewording
from api.visit import BATCH, SINGLE, Visit, begin, require_clear, scenario_of, visit_of
from credit.errors import InvalidApplication, OctroiError, Undecided, UnknownClient
from keys import Scope as Needed
from runners.batcher import PATIENCE_S

log = structlog.get_logger()

_ROUTES = {SINGLE: SINGLE, BATCH: BATCH, "/predict-batch": BATCH}
OTHER = "other"
_PAGE_PATIENCE_S = 20
_NEEDED = {
    SINGLE: Needed.SCORE,
    BATCH: Needed.SCORE,
    OUTCOMES: Needed.SCORE,
    DECISIONS: Needed.READ,
    "/model-info": Needed.READ,
    "/metrics": Needed.READ,
    CLIENTS: Needed.ADMIN,
}
"""What a key must allow; every other path of ours, the state and the documents, is open."""
_encode = msgspec.json.Encoder().encode


class Entrance:
    """Decides `POST /predict` and `/predict_batch`; gives the pages their requests; words every error."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        pages: Starlette,
        limits: dict[str, int],
        guard: Guard,
        departure: Departure,
        hot_path: bool,
    ) -> None:
        self._app = app
        self._guard = guard
        self._departure = departure
        self._pages = pages
        self._page_paths = page_paths(pages)
        self._limits = limits
        self._hot_path = hot_path
        self._aftermath = Aftermath()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = begin(scope, self._route(scope["path"]))
        if self._departure.is_announced:
            # Who keeps a connection would lose its next request on it.
            visit.headers.append((b"connection", b"close"))
        reworded = Rewording(scope, send)
        await self._answer_in_any_case(visit, scope, receive, reworded)
        self._aftermath.note(visit, reworded.status)
        if visit.route in self._limits and (reworded.status or 0) >= HTTPStatus.BAD_REQUEST:
            note_error(visit, reworded.status or 0)

    def close(self) -> None:
        """Count and log what was answered last."""
        self._aftermath.settle()

    def _route(self, path: str) -> str:
        """The route of ours that *path* means, or "other"."""
        if path in _ROUTES:
            return _ROUTES[path]
        first = "/" + path.removeprefix("/").partition("/")[0]
        return first if first in self._page_paths else OTHER

    async def _answer_in_any_case(
        self, visit: Visit, scope: Scope, receive: Receive, send: Rewording
    ) -> None:
        try:
            require_clear(scope)
            visit.scenario = scenario_of(visit.given) if visit.route in self._limits else None
            visit.key = self._guard.admit(visit.given, _NEEDED.get(visit.route))
            visit.headers += self._guard.count(visit.key)
            await self._answer(visit.route, scope, receive, send)
        except (OctroiError, Refused) as error:
            visit.errors = error.errors if isinstance(error, InvalidApplication | UnknownClient) else ()
            if send.status is None:
                await problem_response(error, scope)(scope, receive, send)
            else:
                # Its first bytes are gone: the server cuts it off, and the log says why.
                log.warning("cut_off", request_id=visit.request_id, kind=type(error).__name__)
        except Exception:
            # A fault of ours: the client still gets words and an id, and the log the rest.
            log.exception("failed", request_id=visit.request_id, route=visit.route)
            if send.status is None:
                await problem_with_status(HTTPStatus.INTERNAL_SERVER_ERROR, scope)(scope, receive, send)

    async def _answer(self, route: str, scope: Scope, receive: Receive, send: Rewording) -> None:
        if route in self._limits:
            await self._decide(route, scope, receive, send)
        elif route == OTHER:
            await self._app(scope, receive, send)
        else:
            self._aftermath.settle()  # the page may be that of the counts
            await self._show(scope, receive, send)

    async def _decide(self, route: str, scope: Scope, receive: Receive, send: Rewording) -> None:
        check_head(scope["method"], visit_of(scope).given, self._limits[route])
        office = working_office()
        office.desk.require_room(is_single=route == SINGLE)
        body = await read_body(receive, self._limits[route])
        request = await _parsed(office, scope, body)
        if self._hot_path:
            await send.answer(_encode(await decide(office, request)))
        else:
            scope[PARSED] = request
            await self._app({**scope, "path": route}, _replay(body), send)

    async def _show(self, scope: Scope, receive: Receive, send: Rewording) -> None:
        try:
            async with asyncio.timeout(_PAGE_PATIENCE_S):
                await self._pages(scope, receive, send)
        except TimeoutError:
            told = f"the records did not answer within {_PAGE_PATIENCE_S} s: try again later"
            raise Refused(503, told, [(b"retry-after", b"1")]) from None


async def decide(office: Office, request: Request) -> Answer | BatchAnswer:
    """The recorded answer to *request*, by the way of its route; `Undecided` when it takes too long."""
    if request.is_plain:
        # The desk's own clock is enough.
        answer = await office.desk.decide(request)
    else:
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await _decide(office, request)
        except TimeoutError:
            raise Undecided(f"no decision within {PATIENCE_S:g} s: try again later, or send less") from None
    request.visit.answer = answer
    return answer


async def _decide(office: Office, request: Request) -> Answer | BatchAnswer:
    if request.claim is None:
        return await office.decide(request)
    return await office.repetition.once(request.claim, request, office.decide)


async def _parsed(office: Office, scope: Scope, body: bytes) -> Request:
    visit = visit_of(scope)
    claim = claim_of(visit, body)
    if visit.route == SINGLE:
        return Request.new((office.reader.read(body),), visit, claim)
    # Megabytes take a while to read: in a thread, others are answered meanwhile.
    return Request.new(await asyncio.to_thread(office.reader.read_batch, body), visit, claim)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
