"""The way in: an ASGI middleware that decides applications itself and lets everything else through.

BentoML puts it inside its own stack (`add_asgi_middleware`). Deciding here skips BentoML's parsing and
dispatch; the declared routes remain the contract, and with the hot path off they decide.
"""

import re
import uuid

import msgspec
import structlog

from api.answer import Answer, BatchAnswer
from api.asgi import PARSED, PATH, REQUEST_ID, AsgiApp, Message, Receive, Scope, Send
from api.body import Refused, check_head, read_body
from api.decided import Request
from api.office import Office, working_office
from api.problem import problem_response, problem_with_status
from api.rewording import Rewording
from credit.errors import OctroiError

log = structlog.get_logger()

SINGLE = "/predict"
BATCH = "/predict_batch"
_ROUTES = {SINGLE: SINGLE, BATCH: BATCH, "/predict-batch": BATCH}
_SANE_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_encode = msgspec.json.Encoder().encode


class Entrance:
    """Decides `POST /predict` and `/predict_batch`; gives the pages their requests; words every error."""

    def __init__(
        self, app: AsgiApp, pages: AsgiApp, page_paths: frozenset[str], limits: dict[str, int], hot_path: bool
    ) -> None:
        self._app = app
        self._pages = pages
        self._page_paths = page_paths
        self._limits = limits
        self._hot_path = hot_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[REQUEST_ID] = _request_id(scope)
        scope[PATH] = scope["path"]
        reworded = Rewording(scope, send)
        try:
            await self._answer(scope, receive, reworded)
        except (OctroiError, Refused) as error:
            await problem_response(error, scope)(scope, receive, send)
        except Exception:
            # A fault of ours: the client still gets words and an id, and the log the rest.
            log.exception("failed", request_id=scope[REQUEST_ID], path=scope[PATH])
            if not reworded.started:
                await problem_with_status(500, scope)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Rewording) -> None:
        route = _ROUTES.get(scope["path"])
        if route is not None:
            await self._decide(route, scope, receive, send)
        elif _first_segment(scope["path"]) in self._page_paths:
            await self._pages(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _decide(self, route: str, scope: Scope, receive: Receive, send: Rewording) -> None:
        check_head(scope, self._limits[route])
        body = await read_body(receive, self._limits[route])
        office = working_office()
        request = _parsed(office, route, scope[REQUEST_ID], body)
        if self._hot_path:
            await _send_json(send, _encode(await decide(office, request)))
        else:
            scope[PARSED] = request
            await self._app({**scope, "path": route}, _replay(body), send)


async def decide(office: Office, request: Request) -> Answer | BatchAnswer:
    """The recorded answer to *request*, by the way of its route."""
    if request.route == SINGLE:
        return await office.desk.decide(request)
    return await office.desk.decide_batch(request)


def _parsed(office: Office, route: str, request_id: str, body: bytes) -> Request:
    applications = (office.reader.read(body),) if route == SINGLE else tuple(office.reader.read_batch(body))
    return Request(applications, request_id, route)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _request_id(scope: Scope) -> str:
    """The client's `X-Request-ID` if it is sane, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return uuid.uuid4().hex


def _first_segment(path: str) -> str:
    return "/" + path.removeprefix("/").partition("/")[0]


async def _send_json(send: Rewording, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
