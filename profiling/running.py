"""A server as a process of its own, for measurements."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from credit.errors import OctroiError
from profiling.proc import children, cpu_seconds, session, words

WORKER = "_bentoml_impl.worker.service"
"""On the command line of a process of BentoML's that answers."""
_PATIENCE_S = 60.0
_LOOK_S = 0.25
_IDLE_CORES = 0.08
"""What watching for work takes, of a service that has none."""


class NotServed(OctroiError):
    """A server that was to be measured and does not answer."""


@dataclass(frozen=True)
class Server:
    """A server that answers on *port* of this machine."""

    port: int
    workers: tuple[int, ...]
    """Processes that answer."""
    session: int
    """Of all its processes, those that answer nobody included."""
    key: str | None = None
    """The API key that it asks for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Processor time of the workers so far; `NotServed` when one of them is gone."""
        try:
            return sum(map(cpu_seconds, self.workers))
        except OSError as error:
            raise NotServed(f"a process that answered at {self.url} ended") from error

    def wait_until_idle(self) -> None:
        """Until all its processes have done their work; `NotServed` when they do not come to an end."""
        deadline = time.monotonic() + _PATIENCE_S
        before = self._seconds_of_all()
        while time.monotonic() < deadline:
            time.sleep(_LOOK_S)
            now = self._seconds_of_all()
            if abs(now - before) <= _IDLE_CORES * _LOOK_S:
                return
            before = now
        raise NotServed(f"{self.url} still works {_PATIENCE_S:g} s after the last request")

    def _seconds_of_all(self) -> float:
        total = 0.0
        for pid in session(self.session):
            with suppress(OSError):
                total += cpu_seconds(pid)
        return total


@contextmanager
def serving(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ready: str, log: Path
) -> Iterator[Server]:
    """The server that *command* starts in *folder*, from when it answers on the path *ready*.

    In *command*, `PORT` stands for the port. What its processes say goes to *log*, what they leave in
    temporary folders goes with them.
    """
    port = free_port()
    with (
        log.open("wb") as said,
        tempfile.TemporaryDirectory(prefix="octroi-served-", ignore_cleanup_errors=True) as scratch,
    ):
        process = subprocess.Popen(  # noqa: S603  # all ours
            [str(port) if word == "PORT" else word for word in command],
            cwd=folder,
            env={**environment, "TMPDIR": scratch},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{ready}", log)
            yield Server(port, _answering(process.pid), process.pid)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask *process* to end, and end what is left of its session, even for whoever cannot wait."""
    try:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PATIENCE_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise NotServed(f"{url} does not answer: {last}")


def _answering(pid: int) -> tuple[int, ...]:
    """BentoML answers in children of its own; anything else, itself."""
    return tuple(child for child in children(pid) if WORKER in words(child)) or (pid,)


def free_port() -> int:
    """A port of this machine that nobody listens on, now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
