"""Responses that are not ours: they carry the request's id, and an error among them becomes a problem."""

from api.asgi import REQUEST_ID, Message, Scope, Send
from api.problem import MEDIA_TYPE, problem_with_status

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

    async def _start(self, message: Message) -> None:
        headers = [(name.lower(), value) for name, value in message["headers"]]
        ours = dict(headers).get(b"content-type", b"").startswith(MEDIA_TYPE.encode())
        if message["status"] < 400 or ours:
            if b"x-request-id" not in dict(headers):
                headers.append((b"x-request-id", self._scope[REQUEST_ID].encode()))
            await self._send({**message, "headers": headers})
            return
        self._replaced = True
        response = problem_with_status(message["status"], self._scope)
        response.raw_headers.extend(header for header in headers if header[0] in _KEPT)
        await self._send({**message, "headers": response.raw_headers})
        await self._send({"type": "http.response.body", "body": bytes(response.body)})
