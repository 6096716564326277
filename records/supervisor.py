"""Keeps one archivist running on this host, from inside a worker."""

import subprocess
import sys
import threading
from pathlib import Path

import structlog

from records.archivist import elected

log = structlog.get_logger()


class Supervisor:
    """Looks every second whether the archivist's lock is free, and starts one when it is.

    The archivist it started ends when this process does.
    """

    def __init__(self, folder: Path, environment: dict[str, str], every_s: float = 1.0) -> None:
        self._folder = folder
        self._environment = environment
        self._every_s = every_s
        self._stopping = threading.Event()
        self._archivist: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="archivist-supervisor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the archivist write what is left, and wait for it."""
        self._stopping.set()
        self._thread.join()
        if self._archivist is not None:
            self._archivist.terminate()
            self._archivist.wait(timeout=15)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            if self._archivist is None or self._archivist.poll() is not None:
                self._start_if_free()
            self._stopping.wait(self._every_s)

    def _start_if_free(self) -> None:
        with elected(self._folder) as free:
            pass
        if free:
            command = [sys.executable, "-m", "records", "archive", "--with-parent"]
            self._archivist = subprocess.Popen(command, env=self._environment)  # noqa: S603  # no part of it is given
            log.info("archivist_started", pid=self._archivist.pid)
