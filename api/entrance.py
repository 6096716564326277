"""The way in: an ASGI middleware that decides applications itself and lets everything else through.

BentoML puts it inside its own stack (`add_asgi_middleware`). Deciding here skips BentoML's parsing and
dispatch; the declared routes remain the contract, and with the hot path off they decide.
"""

import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import bentoml
import msgspec
import structlog

from api.answer import Answer, BatchAnswer
from api.decided import Request
from api.office import ClosedOffice, Office
from api.problem import MEDIA_TYPE, Problem, problem_of, problem_with_status
from credit.errors import OctroiError, Overloaded

log = structlog.get_logger()

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

PARSED = "octroi.request"
"""Key of the ASGI scope under which the parsed request travels to the declared routes."""

SINGLE = "/predict"
BATCH = "/predict_batch"
_ROUTES = {SINGLE: SINGLE, BATCH: BATCH, "/predict-batch": BATCH}
_SANE_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_encode = msgspec.json.Encoder().encode


class Refused(Exception):
    """A request that is answered with a problem before its body was understood."""

    def __init__(self, status: int, detail: str, headers: Iterable[Header] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = tuple(headers)


class Entrance:
    """Decides `POST /predict` and `/predict_batch`; gives pages their requests; words every error."""

    def __init__(
        self,
        app: Application,
        pages: Application,
        page_paths: frozenset[str],
        limits: dict[str, int],
        hot_path: bool,
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
        request_id = _request_id(scope)
        route = _ROUTES.get(scope["path"])
        if route is not None:
            await self._decide(route, request_id, scope, receive, send)
            return
        inner = self._pages if _first_segment(scope["path"]) in self._page_paths else self._app
        await inner(scope, receive, _Rewording(scope["path"], request_id, send))

    async def _decide(self, route: str, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _body(scope, receive, self._limits[route])
            office = _office()
            request = _parsed(office, route, request_id, body)
            if not self._hot_path:
                scope[PARSED] = request
                rewording = _Rewording(scope["path"], request_id, send)
                await self._app({**scope, "path": route}, _replay(body), rewording)
                return
            await _send(send, 200, b"application/json", _encode(await decide(office, request)), request_id)
        except Refused as refused:
            problem = problem_with_status(refused.status, refused.detail, scope["path"], request_id)
            await send_problem(send, problem, refused.headers)
        except OctroiError as error:
            headers = ((b"retry-after", b"1"),) if isinstance(error, Overloaded) else ()
            await send_problem(send, problem_of(error, scope["path"], request_id), headers)


async def decide(office: Office, request: Request) -> Answer | BatchAnswer:
    """The recorded answer to *request*, by the way of its route."""
    if request.route == SINGLE:
        return await office.desk.decide(request)
    return await office.desk.decide_batch(request)


def _office() -> Office:
    """The worker's office; the reason it is closed is raised."""
    office: Office | ClosedOffice = bentoml.get_current_service().office
    if isinstance(office, ClosedOffice):
        raise office.reason
    return office


def _parsed(office: Office, route: str, request_id: str, body: bytes) -> Request:
    applications = (office.reader.read(body),) if route == SINGLE else tuple(office.reader.read_batch(body))
    return Request(applications, request_id, route)


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, of at most *limit* bytes; a declared length past it is refused unread."""
    headers = dict(scope["headers"])
    if scope["method"] != "POST":
        raise Refused(405, "send a POST", [(b"allow", b"POST")])
    content_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if content_type != b"application/json":
        raise Refused(415, "send the body as content-type: application/json")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    return await _read(receive, limit)


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "the client hung up before its body was whole")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> Refused:
    return Refused(413, f"the body may have at most {limit} bytes; send large portfolios in parts")


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


async def send_problem(send: Send, problem: Problem, headers: Iterable[Header] = ()) -> None:
    """Send *problem* as the whole response."""
    await _send(send, problem.status, MEDIA_TYPE.encode(), _encode(problem), problem.request_id, headers)


async def _send(
    send: Send, status: int, media_type: bytes, body: bytes, request_id: str, headers: Iterable[Header] = ()
) -> None:
    fixed = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})


class _Rewording:
    """Passes a response on with the request's id; an error in other words than ours becomes a problem."""

    def __init__(self, path: str, request_id: str, send: Send) -> None:
        self._path = path
        self._request_id = request_id
        self._send = send
        self._replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not self._replaced:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        headers = [(name.lower(), value) for name, value in message["headers"]]
        ours = dict(headers).get(b"content-type", b"").startswith(MEDIA_TYPE.encode())
        if message["status"] < 400 or ours:
            if b"x-request-id" not in dict(headers):
                headers.append((b"x-request-id", self._request_id.encode()))
            await self._send({**message, "headers": headers})
            return
        self._replaced = True
        kept = [(name, value) for name, value in headers if name in {b"allow", b"retry-after"}]
        detail = _ADVICE.get(message["status"], "see the service's log under this request id")
        problem = problem_with_status(message["status"], detail, self._path, self._request_id)
        await send_problem(self._send, problem, kept)


_ADVICE = {
    404: "there is nothing under this path: see /docs",
    405: "this path does not take this method: see /docs",
    503: "the service is not ready: see /readyz",
}
