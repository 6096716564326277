"""A connection before there is a request on it, and when there is none: what uvicorn has no setting for."""

import asyncio
import socket
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
"""Bytes of a request's line and headers, beyond those that came at once; so of what may follow a body."""


def use_connection() -> None:
    """Let every server that is started after this speak through `Connection`."""
    auto.AutoHTTPProtocol = Connection  # uvicorn looks it up by this name


class Connection(HttpToolsProtocol):
    """uvicorn's, but what is no request is told in a problem document, and nothing is awaited forever."""

    _in_head = False
    _idle_bytes = 0
    """What came since a request last began, or a part of its body came."""
    _clock: asyncio.TimerHandle | None = None
    """Runs while the client owes a request or the rest of its head, which no app awaits."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.ws_protocol_class = None  # nothing here speaks WebSocket: its offer is a request like any other
        if self.client is not None:
            # The kernel lets a client go that takes nothing of its answer, or is gone without a word.
            connected = transport.get_extra_info("socket")
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * PATIENCE_S))
        self._clock = self.loop.call_later(PATIENCE_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; what belongs to no request yet, or to none any more, is counted and timed."""
        self._idle_bytes += len(data)
        super().data_received(data)
        if self._idle_bytes > LARGEST_HEAD:
            self._refuse(431, f"the headers are longer than {LARGEST_HEAD:,} bytes")
        elif self._clock is not None:
            return
        elif self._in_head:
            told = f"the headers were not whole within {PATIENCE_S} s"
            self._clock = self.loop.call_later(PATIENCE_S, self._refuse, 408, told)
        elif self.cycle is None or self.cycle.response_complete:
            # Empty lines, or the rest of a body that was refused: uvicorn would wait for more of them.
            self._clock = self.loop.call_later(PATIENCE_S, self.transport.close)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes an answer, uvicorn gives none
        """Whether the connection stays: a client that has said all may still wait for its answers."""
        return self.scheme == "http" and self._is_last() and not self.cycle.more_body

    def on_message_begin(self) -> None:
        self._in_head = True
        self._idle_bytes = 0
        self._stop_clock()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._idle_bytes = 0
        self._stop_clock()
        super().on_headers_complete()
        self.cycle.transport = Envelope(self.transport, has_body=self.scope["method"] != "HEAD")

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words are the same for all
        """What uvicorn calls when its parser gives up."""
        self._refuse(400, "this is not HTTP/1.1 as its standard, RFC 9112, has it")

    def _unsupported_upgrade_warning(self) -> None:
        """An offer of another protocol need not be taken, and is nothing to warn of."""

    def _refuse(self, status: int, detail: str) -> None:
        """Say why and close; or, if answers to what came before are on their way, close after them."""
        if self.transport.is_closing():
            return
        name = random_name()
        log.warning("no_request", request_id=name, status=status)
        if self._is_last():
            self.transport.pause_reading()
            self.flow.read_paused = False  # or uvicorn would resume it
            return
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

    def _is_last(self) -> bool:
        """Whether an answer is on its way, or due to a request that came whole; it will be the last."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        cycle.keep_alive = False
        return not cycle.more_body or cycle.response_started or bool(self.pipeline)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
