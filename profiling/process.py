"""What one process cost: time, processor time, peak memory."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from credit.errors import OctroiError
from profiling.proc import most_resident_bytes

_LOOK_SECONDS = 0.02


class MeasuredCommandFailed(OctroiError):
    """A command that was to be measured ended in an error."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the kernel says of a process; `peak_bytes` is its largest resident memory."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def cost_of(command: Sequence[str]) -> Cost:
    """Run *command* as a process of its own, to its end; its output is shown only if it fails."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603  # all ours
        ended, peak = 0, 0
        while not ended:
            time.sleep(_LOOK_SECONDS)
            # Not `ru_maxrss`: that begins with what the process which started this one had used.
            peak = max(peak, most_resident_bytes(process.pid))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise MeasuredCommandFailed(f"{' '.join(command)} failed ({process.returncode}): {last}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak)
