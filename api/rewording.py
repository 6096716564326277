"""Every response on its way out: it gets the headers of its visit, and an error becomes a problem."""

from api.asgi import Message, Scope, Send
from api.problem import MEDIA_TYPE, problem_with_status
from api.visit import visit_of

_JSON = (b"content-type", b"application/json")
_KEPT = {b"allow", b"retry-after"}


class Rewording:
    """An ASGI `send` that passes a response on; one of 400 and up in other words than ours is replaced."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._replaced = False
        self.status: int | None = None
        """Status that the client has been sent; `None` before."""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self._start(message)
        elif not self._replaced:
            await self._send(message)

    async def answer(self, body: bytes) -> None:
        """Send *body*, JSON of ours, with status 200."""
        self.status = 200
        headers = [_JSON, (b"content-length", b"%d" % len(body)), *visit_of(self._scope).headers]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def _start(self, message: Message) -> None:
        headers = [(name.lower(), value) for name, value in message["headers"]]
        ours = dict(headers).get(b"content-type", b"").startswith(MEDIA_TYPE.encode())
        more = visit_of(self._scope).headers
        if message["status"] < 400 or ours:
            await self._send({**message, "headers": [*headers, *more]})
            return
        self._replaced = True
        response = problem_with_status(message["status"], self._scope)
        response.raw_headers.extend(header for header in headers if header[0] in _KEPT)
        await self._send({**message, "headers": [*response.raw_headers, *more]})
        await self._send({"type": "http.response.body", "body": bytes(response.body)})
