"""Where the workers of one service keep their counts for Prometheus."""

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from bentoml._internal.configuration.containers import BentoMLContainer

_NAME = "octroi-metrics-"


def count_apart() -> None:
    """Give this service's workers a folder of their own, for as long as this process lives.

    BentoML keeps one for all services of a user: they would count together, and each start would
    wipe the counts of those that run. BentoML has no public way to say so.
    """
    temporary = Path(tempfile.gettempdir())
    for left in temporary.glob(f"{_NAME}*"):
        # Of a service that was killed, and could not clear up.
        if not _lives(left.name.removeprefix(_NAME)):
            shutil.rmtree(left, ignore_errors=True)
    folder = temporary / f"{_NAME}{os.getpid()}"
    BentoMLContainer.prometheus_multiproc_dir.set(str(folder))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _lives(pid: str) -> bool:
    """Whether there is such a process, of whomever; what is no number is let alone."""
    if not pid.isdecimal():
        return True
    with suppress(PermissionError):
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return False
    return True
