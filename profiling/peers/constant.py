"""A bare ASGI application that reads the body and answers a constant: what HTTP alone costs."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

_ANSWER = b'{"probability_default":0.0363,"prediction":0}'
_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_ANSWER)).encode())],
}
_BODY = {"type": "http.response.body", "body": _ANSWER}
_Message = MutableMapping[str, Any]


async def app(
    scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
) -> None:
    """Answer every request alike."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    await send(_HEAD)
    await send(_BODY)
