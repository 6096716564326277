"""Reading a request's body: refused as early as its head allows, never read past its limit."""

import asyncio
from collections.abc import Iterable, Mapping

from api.asgi import Header, Receive

PATIENCE_S = 8
"""For a body: whoever sends it more slowly holds a connection for nothing."""


class Refused(Exception):
    """A request that is refused for its form, before its body was understood."""

    def __init__(self, status: int, detail: str, headers: Iterable[Header] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = tuple(headers)


def check_head(method: str, headers: Mapping[bytes, bytes], limit: int) -> None:
    """Raise `Refused` unless this is a POST of JSON whose declared length is at most *limit* bytes."""
    if method != "POST":
        raise Refused(405, "send a POST", [(b"allow", b"POST")])
    content_type, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    if content_type.strip() != b"application/json":
        raise Refused(415, "send the body as content-type: application/json")
    if parameters and _charset(parameters) not in {b"", b"utf-8", b"utf8"}:
        raise Refused(400, "send the body in UTF-8: JSON has no other charset")
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise Refused(
            415,
            "send the body as it is: no content-encoding is understood",
            [(b"accept-encoding", b"identity")],
        )
    if b"upgrade" in headers.get(b"connection", b"").lower():
        # The server's parser loses the body of a request that offers to change the protocol.
        raise Refused(
            400,
            "offer no upgrade: send HTTP/1.1 as it is (in Java, HttpClient.Version.HTTP_1_1)",
            [(b"connection", b"close")],
        )
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body; `Refused` as soon as it is longer than *limit* bytes, or takes `PATIENCE_S`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _read(receive, limit)
    except TimeoutError:
        raise Refused(408, f"the body was not whole within {PATIENCE_S} s") from None


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


def _charset(parameters: bytes) -> bytes:
    """The charset among the parameters of a content type; empty if it names none."""
    named = (part.partition(b"=") for part in parameters.split(b";"))
    return next((value.strip().strip(b'"') for name, _, value in named if name.strip() == b"charset"), b"")


def _too_large(limit: int) -> Refused:
    return Refused(413, f"the body may have at most {limit} bytes; send large portfolios in parts")
