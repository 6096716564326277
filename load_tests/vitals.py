"""Memory and file descriptors of every process of a service, from the start of a run to its end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import numpy as np

_MOST_POINTS = 300
_WARMING = 1 / 3
"""Share of a run in which caches and buffers grow; what is flat is flat after it."""
_LEAST_SHARE = 0.5
"""A process that was there for less of the run is not judged."""
_TELLING_HOURS = 3 / 60
"""After the warm-up, of a run of five minutes: a slope over less says how the process breathes."""
_MEMORY_SHARE, _MEMORY_BYTES = 0.03, 4 << 20
_MOST_DESCRIPTORS = 2.0


@dataclass
class Vitals:
    """What was seen of one process."""

    pid: int
    command: str
    seconds: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    """Resident bytes."""
    descriptors: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trend:
    """How one process changed over the part of a run that is judged."""

    process: str
    memory_bytes: float
    """Median."""
    memory_an_hour: float
    """Slope, bytes an hour."""
    descriptors: float
    descriptors_an_hour: float
    hours: float

    @property
    def is_telling(self) -> bool:
        """Whether it was seen for long enough to say what it does in an hour."""
        return self.hours >= _TELLING_HOURS

    @property
    def memory_growth(self) -> float:
        """Bytes, over the part that is judged."""
        return self.memory_an_hour * self.hours

    @property
    def descriptors_growth(self) -> float:
        """Over the part that is judged."""
        return self.descriptors_an_hour * self.hours

    @property
    def memory_is_flat(self) -> bool:
        """Whether it grew by less than 3 % or 4 MB, whichever is more."""
        return self.memory_growth < max(_MEMORY_BYTES, _MEMORY_SHARE * self.memory_bytes)

    @property
    def descriptors_are_flat(self) -> bool:
        """Whether fewer than two were left open."""
        return self.descriptors_growth < _MOST_DESCRIPTORS


def trend(vitals: Vitals) -> Trend:
    """The trend of one process after its warm-up; slopes by Theil and Sen, whom no outlier moves."""
    seconds = np.array(vitals.seconds)
    judged = np.flatnonzero(seconds >= seconds[0] + _WARMING * (seconds[-1] - seconds[0]))
    judged = judged[:: max(1, len(judged) // _MOST_POINTS)]
    hours = seconds[judged] / 3600
    memory = np.array(vitals.memory, dtype=np.float64)[judged]
    descriptors = np.array(vitals.descriptors, dtype=np.float64)[judged]
    return Trend(
        process=f"{vitals.command} ({vitals.pid})",
        memory_bytes=float(np.median(memory)),
        memory_an_hour=_slope(hours, memory),
        descriptors=float(np.median(descriptors)),
        descriptors_an_hour=_slope(hours, descriptors),
        hours=float(hours[-1] - hours[0]),
    )


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Median of the slopes between all pairs of points; 0 when there is one point."""
    first, second = np.triu_indices(len(x), 1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first]))) if len(first) else 0.0


class Watch:
    """Looks at the processes that *find* finds every *every_s*, while its `with` block runs."""

    def __init__(self, find: Callable[[], Iterator[int]], every_s: float = 1.0) -> None:
        self._find = find
        self._every_s = every_s
        self._seen: dict[int, Vitals] = {}
        self._rounds = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="vitals")

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def trends(self) -> list[Trend]:
        """Of every process that was there long enough; the largest first."""
        lasting = [one for one in self._seen.values() if len(one.seconds) > _LEAST_SHARE * self._rounds]
        return sorted(map(trend, lasting), key=lambda one: -one.memory_bytes)

    def seen(self, command: str) -> int:
        """How many processes of this kind were seen, for however short a time."""
        return sum(one.command == command for one in self._seen.values())

    def _watch(self) -> None:
        started = time.monotonic()
        while not self._over.wait(self._every_s):
            self._rounds += 1
            for pid in self._find():
                # It may be gone by now.
                with suppress(OSError):
                    self._look(pid, time.monotonic() - started)

    def _look(self, pid: int, seconds: float) -> None:
        memory, descriptors = _memory(pid), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        vitals = self._seen.setdefault(pid, Vitals(pid, _command(pid)))
        vitals.seconds.append(seconds)
        vitals.memory.append(memory)
        vitals.descriptors.append(descriptors)


def processes_with(variable: str) -> Iterator[int]:
    """Processes of this machine in whose environment *variable* stands, as NAME=VALUE."""
    wanted = variable.encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            # Another user's, or gone by now.
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def _command(pid: int) -> str:
    """What the process is, in a word or two."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    if "_bentoml_impl.worker.service" in words:
        return "worker"
    if "archive" in words:
        return "archivist"
    return "starter" if "serve" in words else Path(words[0]).name
