"""One run of Locust, in processes of its own, and what it counted."""

import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from credit.errors import OctroiError
from load_tests.profile import Profile

ROOT = Path(__file__).parent.parent
_USERS = "load_tests/users.py"
_HERE, _PAGE_PORT = "127.0.0.1", 8089
_LAST_ANSWERS_S = 30


class LocustFailed(OctroiError):
    """A run of Locust that gave no numbers."""


class Counted(msgspec.Struct, frozen=True):
    """What Locust counted of one kind of request."""

    name: str
    num_requests: int
    num_failures: int
    response_times: dict[str, int]
    """How many took so many milliseconds, rounded to two digits."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of Locust."""

    profile: Profile
    url: str
    seconds: int
    folder: Path
    processes: int = 2
    with_page: bool = False

    def command(self) -> list[str]:
        """Locust's command line; its page opens at once, and closes with the run."""
        clients, port = self.profile.clients, str(_free_port())
        where = ["--web-host", _HERE, "--web-port", str(_PAGE_PORT)]
        page = ["--autostart", "--autoquit", "2", *where] if self.with_page else ["--headless"]
        return [
            *(str(locust_python()), "-m", "locust", "-f", _USERS, self.profile.user, *page),
            *("--host", self.url, "--processes", str(self.processes), "--run-time", f"{self.seconds}s"),
            # Its processes talk to each other: on loopback, and not where another run does.
            *("--master-bind-host", _HERE, "--master-bind-port", port, "--master-port", port),
            *("--users", str(clients), "--spawn-rate", str(clients), "--stop-timeout", str(_LAST_ANSWERS_S)),
            *("--json-file", str(self.folder / "counted"), "--html", str(self.folder / "locust.html")),
            *("--only-summary", "--exit-code-on-error", "0", "--loglevel", "WARNING"),
            *("--questions", str(self.folder / "questions.jsonl"), "--answers", str(self.folder)),
            *("--each", repr(self.profile.rate / clients)),
        ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        return int(probe.getsockname()[1])


def locust_python() -> Path:
    """The interpreter of the virtual environment that holds Locust; `LocustFailed` where there is none."""
    python = ROOT / ".venv-load" / "bin" / "python"
    if not python.is_file():
        raise LocustFailed("there is no Locust: make setup-load installs it")
    return python


def require_locust(*, with_page: bool) -> None:
    """Raise `LocustFailed` where a run could only fail, before any work is done for it."""
    locust_python()
    if not with_page:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HERE, _PAGE_PORT))
        except OSError as error:
            raise LocustFailed(
                f"port {_PAGE_PORT}, that of Locust's page, is taken: stop who listens there, or have none"
            ) from error


def run_locust(order: Order, report: Callable[[float], None]) -> list[Counted]:
    """Run it to its end, and what it counted; `LocustFailed` when it counted nothing."""
    log, counted = order.folder / "locust.log", order.folder / "counted.json"
    with log.open("wb") as said, _started(order.command(), said) as process:
        begun = time.monotonic()
        while process.poll() is None:
            report(min(1.0, (time.monotonic() - begun) / order.seconds))
            time.sleep(0.1)
    if process.returncode or not counted.is_file():
        last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
        raise LocustFailed(f"Locust ended with status {process.returncode}, see {log}: {last[:300]}")
    return msgspec.json.decode(counted.read_bytes(), type=list[Counted])


@contextmanager
def _started(command: Sequence[str], said: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    """The process of *command*; whoever leaves early ends it, and those it started."""
    process = subprocess.Popen(  # noqa: S603  # all ours
        command, cwd=ROOT, stdout=said, stderr=said, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def latency_ms(counted: Sequence[Counted], share: float) -> float:
    """The latency that a *share* of all requests keep below; NaN when there was none."""
    times: Counter[float] = Counter()
    for one in counted:
        times.update({float(ms): count for ms, count in one.response_times.items()})
    left = share * times.total()
    for ms in sorted(times):
        left -= times[ms]
        if left <= 0:
            return ms
    return float("nan")
