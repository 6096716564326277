"""Events as JSON lines on standard error, written by a thread so that no request waits for a terminal."""

import atexit
import logging
import sys
import threading
from collections import deque
from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

_EVERY_S = 0.05
_MOST_LINES = 20_000
"""Lines that wait to be written; past it the oldest go, and how many is said."""


class LineWriter:
    """A structlog logger that hands its lines to a thread. Lines of one process stay in order."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._dropped = 0
        self._writing = threading.Lock()
        threading.Thread(target=self._write_forever, name="log", daemon=True).start()
        atexit.register(self.flush)

    def msg(self, line: str) -> None:
        """Take *line*; it is written within a moment."""
        self._lines.append(line)
        while len(self._lines) > _MOST_LINES:
            self._lines.popleft()
            self._dropped += 1

    debug = info = warning = error = critical = msg

    def flush(self) -> None:
        """Write what waits now."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(_json({"event": "log_lines_dropped", "level": "warning", "lines": dropped}))
            if lines:
                self._write(lines)

    def _write(self, lines: Sequence[str]) -> None:
        try:
            sys.stderr.write("\n".join(lines) + "\n")
            sys.stderr.flush()
        except OSError:
            # A full disk, a pipe without a reader: what comes later may come through again.
            self._dropped += len(lines)

    def _write_forever(self) -> None:
        pause = threading.Event()
        while not pause.wait(_EVERY_S):
            self.flush()


def log_as_json(level: str) -> None:
    """Send every structlog event of at least *level* to standard error, one JSON object a line."""
    writer = LineWriter()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: writer,
    )


def _rendered(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    event["timestamp"] = datetime.now(UTC)  # written as RFC 3339
    return _json(event)


def _json(event: MutableMapping[str, Any]) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()
