"""A worker looked into from outside, some hundred times a second, by py-spy: who holds the interpreter.

One thread at a time does, and which one that is limits a worker; ONNX Runtime and the disk work without it.
"""

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from credit.errors import OctroiError
from profiling.origin import ROOT
from profiling.request.stages import STAGES, stage_of_stack

RATE = 400
"""Looks a second."""
_LIBRARY = re.compile(r".*(site-packages|/lib/python3\.\d+)/")
_FRAME = re.compile(r"(?P<function>.*) \((?P<file>.*?)(?::\d+)?\)")


class NoSamples(OctroiError):
    """py-spy could not look into a process."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Where the interpreter's time went."""

    name: str
    share: float


@dataclass(frozen=True)
class Samples:
    """Shares of the looks at which a thread held the interpreter."""

    looks: int
    stages: tuple[Spent, ...]
    functions: tuple[Spent, ...]
    """The ten that most of them found at work, largest first."""


def sample(pid: int, seconds: int) -> Samples:
    """Look into process *pid* for so many *seconds*; `NoSamples` when that is not possible."""
    spy = ROOT / ".venv-load" / "bin" / "py-spy"
    if not spy.is_file():
        raise NoSamples("there is no py-spy: make setup-load installs it")
    with tempfile.TemporaryDirectory(prefix="octroi-samples-") as folder:
        raw = Path(folder) / "raw"
        asked = ["--pid", str(pid), "--duration", str(seconds), "--rate", str(RATE), "--function", "--gil"]
        done = subprocess.run(  # noqa: S603  # all ours
            [str(spy), "record", *asked, "--format", "raw", "--full-filenames", "--output", str(raw)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not raw.is_file():
            raise NoSamples(f"py-spy cannot look into the worker: {done.stderr.strip()[-300:]}")
        return samples_in(raw.read_text(encoding="utf-8").splitlines())


def samples_in(lines: Iterable[str]) -> Samples:
    """The samples that py-spy wrote, each line a stack and how often it was seen."""
    stages: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [match for frame in stack.split(";") if (match := _FRAME.fullmatch(frame))]
        if not frames:
            continue
        stages[stage_of_stack([frame["file"] for frame in frames])] += int(count)
        functions[f"{frames[-1]['function']} ({short(frames[-1]['file'])})"] += int(count)
    if not stages:
        raise NoSamples("the worker was never seen at work: load it while it is looked into")
    looks = stages.total()
    return Samples(
        looks,
        tuple(Spent(stage, stages[stage] / looks) for stage in STAGES),
        tuple(Spent(name, count / looks) for name, count in functions.most_common(10)),
    )


def short(file: str) -> str:
    """*file* from the folder of the project, or of its package, on."""
    file = file.removeprefix(f"{ROOT}/")
    return _LIBRARY.sub("", file)
