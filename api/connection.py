"""A connection before there is a request on it: what uvicorn has no setting for."""

import asyncio
from http import HTTPStatus

import msgspec
import structlog
from uvicorn.protocols.http import auto
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.body import PATIENCE_S
from api.envelope import Envelope
from api.problem import MEDIA_TYPE, Problem
from records.identifier import random_name

log = structlog.get_logger()

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers, beyond those that came at once."""


def use_connection() -> None:
    """Let every server that is started after this speak through `Connection`."""
    auto.AutoHTTPProtocol = Connection  # uvicorn looks it up by this name


class Connection(HttpToolsProtocol):
    """uvicorn's, but what is no request is told in a problem document, and no head is awaited forever."""

    _in_head = False
    _begins = False
    """Whether the head that is awaited began in the piece that came last."""
    _head_bytes = 0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._clock = self.loop.call_later(PATIENCE_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a head that is not whole yet is counted and timed."""
        self._begins = not self._in_head
        if self._begins:
            self._stop_clock()
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        if self._begins:
            self._head_bytes = 0
            told = f"the headers were not whole within {PATIENCE_S} s"
            self._clock = self.loop.call_later(PATIENCE_S, self._refuse, 408, told)
        else:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD:
                self._refuse(431, f"the headers are longer than {LARGEST_HEAD:,} bytes")

    def on_message_begin(self) -> None:
        self._in_head = self._begins = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_clock()
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before and self.scope["method"] != "HEAD":  # whose head nothing follows
            self.cycle.transport = Envelope(self.transport)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words are the same for all
        """What uvicorn calls when its parser gives up."""
        self._refuse(400, "this is not HTTP/1.1 as its standard, RFC 9112, has it")

    def _refuse(self, status: int, detail: str) -> None:
        """Say why, unless another answer is on its way, and close."""
        name = random_name()
        log.warning("no_request", request_id=name, status=status)
        if self.cycle is None or self.cycle.response_complete:
            title = HTTPStatus(status).phrase
            problem = Problem(
                type="about:blank", title=title, status=status, detail=detail, instance="", request_id=name
            )
            body = msgspec.json.encode(problem)
            head = (
                f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
                f"x-request-id: {name}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
