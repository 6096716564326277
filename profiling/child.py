"""A part of a measurement that needs a process of its own, and tells what it found on its output."""

import subprocess
import sys

from credit.errors import OctroiError
from profiling.origin import ROOT


class ChildFailed(OctroiError):
    """A process of a measurement ended in an error."""


def told_by(module: str, *arguments: str) -> bytes:
    """What `python -m` *module* prints; `ChildFailed` with its last words."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603  # all ours
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ChildFailed(f"{module} failed ({done.returncode}): {last}")
    return done.stdout
