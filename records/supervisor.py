"""Keeps one archivist running on this host, from inside a worker."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from records.election import elected

log = structlog.get_logger()

ARCHIVE: tuple[str, ...] = (sys.executable, "-m", "records", "archive")
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def held(signals: tuple[signal.Signals, ...]) -> Iterator[None]:
    """Keep *signals* waiting in this thread, and in the processes it starts until they let them in."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def archive_once(folder: Path, environment: dict[str, str]) -> None:
    """Let an archivist do one pass, unless one is at work in *folder*."""
    with elected(folder) as free:
        pass
    if free:
        subprocess.run([*ARCHIVE, "--once"], env=environment, check=False)  # noqa: S603  # all ours


class Supervisor:
    """Looks every second whether the archivist's lock is free, and starts one when it is.

    The archivist outlives this process until it has written what the last worker left.
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
        """Start no archivist any more."""
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            pause = self._every_s
            try:
                if self._archivist is None or self._has_ended():
                    self._start_if_free()
            except OSError as error:
                # No disk, no process to spare: the journal keeps what is decided meanwhile.
                log.error("archivist_not_started", reason=str(error))
                pause *= 5
            self._stopping.wait(pause)

    def _has_ended(self) -> bool:
        assert self._archivist is not None
        status = self._archivist.poll()
        if status:
            log.error("archivist_ended", status=status)
            self._stopping.wait(self._every_s)
        return status is not None

    def _start_if_free(self) -> None:
        with elected(self._folder) as free:
            pass
        if free:
            command = [*ARCHIVE, "--parent", str(os.getpid())]
            # Who stops the service may signal all of it at once; the archivist must first be able to hear it.
            with held(STOP_SIGNALS):
                self._archivist = subprocess.Popen(command, env=self._environment)  # noqa: S603  # all ours
