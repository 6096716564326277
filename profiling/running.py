"""A server as a process of its own, for measurements."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from credit.errors import OctroiError

_PATIENCE_S = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


class NotServed(OctroiError):
    """A server that was to be measured and does not answer."""


@dataclass(frozen=True)
class Server:
    """A server that answers on *port* of this machine."""

    port: int
    workers: tuple[int, ...]
    """Processes that answer."""
    key: str | None = None
    """The API key that it asks for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Processor time of the workers so far."""
        return sum(map(_cpu_seconds, self.workers))


@contextmanager
def serving(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ready: str, workers: int = 1
) -> Iterator[Server]:
    """The server that *command* starts in *folder*, from when it answers on the path *ready*.

    In *command*, `PORT` stands for the port.
    """
    port = _free_port()
    with (folder.parent / f"{folder.name}.{port}.log").open("wb") as said:
        process = subprocess.Popen(  # noqa: S603  # all ours
            [str(port) if word == "PORT" else word for word in command],
            cwd=folder,
            env=dict(environment),
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{ready}", Path(said.name))
            yield Server(port, _answering(process.pid, workers))
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_PATIENCE_S)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise NotServed(f"{url} does not answer: {last}")


def _answering(pid: int, workers: int) -> tuple[int, ...]:
    """BentoML answers in children of its own; anything else, itself."""
    found = [child for child in _children(pid) if b"worker.service" in _command(child)]
    assert len(found) in {0, workers}, "each worker is a child"
    return tuple(found) or (pid,)


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
