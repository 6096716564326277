"""A connection that load comes over: HTTP/1.1, no more of it than a load generator needs."""

import asyncio
import re
from typing import NamedTuple, cast

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"retry-after: (\d+)", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back."""

    status: int
    wait_s: float
    """Seconds that it asks to wait."""
    body: bytes


NO_ANSWER = Answer(0, 1.0, b"")
"""Nobody listens, or whoever did hung up: come back in a second."""


class Connection(asyncio.Protocol):
    """A keep-alive connection to a port of this machine, with one request at a time.

    It is opened by the first request, and anew by the next one after it was closed.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._data = b""
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    async def ask(self, request: bytes) -> Answer:
        """The answer to *request*; `NO_ANSWER` when there is none."""
        if self._transport is None:
            loop = asyncio.get_running_loop()
            try:
                await loop.create_connection(lambda: self, "127.0.0.1", self._port)
            except OSError:
                return NO_ANSWER
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = _LENGTH.search(head)
        if length is None or len(rest) < int(length[1]):
            return
        self._data, body = b"", rest[: int(length[1])]
        status, retry = _STATUS.match(head), _RETRY.search(head)
        if self._answer is not None and not self._answer.done():
            answer = Answer(int(status[1]) if status else 0, float(retry[1]) if retry else 0.0, body)
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._transport, self._data = None, b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(NO_ANSWER)
