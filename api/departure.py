"""Leaving without dropping anybody: first not ready, a while later no new connections, then gone."""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType
from typing import cast

import structlog

from credit.errors import Stopping

log = structlog.get_logger()


class Departure:
    """Stands between SIGTERM and the server of this process.

    For *notice_s* seconds whoever balances load sees that this process is not ready, and it still decides.
    A second SIGTERM, and Ctrl+C, reach the server at once.
    """

    def __init__(self, notice_s: float) -> None:
        self._notice_s = notice_s
        self.is_announced = False
        """Whether this process was told to stop."""

    def watch(self) -> None:
        """Take the server's place as the one that hears SIGTERM; call it in the server's own loop."""
        loop = asyncio.get_running_loop()
        leave = signal.getsignal(signal.SIGTERM)
        if not callable(leave) or not self._notice_s:
            return
        leave = cast("Callable[[int, FrameType | None], object]", leave)

        def announce(number: int, frame: FrameType | None) -> None:
            if self.is_announced:
                leave(number, frame)
                return
            self.is_announced = True
            log.info("leaving", notice_s=self._notice_s)
            loop.call_soon_threadsafe(loop.call_later, self._notice_s, leave, number, None)

        signal.signal(signal.SIGTERM, announce)

    def check(self) -> None:
        """Raise `Stopping` once this process was told to stop."""
        if self.is_announced:
            raise Stopping("the service is stopping: ask another one, or wait until it is started again")
