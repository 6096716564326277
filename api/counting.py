"""Where the workers of one service keep their counts for Prometheus."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from bentoml._internal.configuration.containers import BentoMLContainer


def count_apart() -> None:
    """Give this service's workers a folder of their own, for as long as this process lives.

    BentoML keeps one for all services of a user: they would count together, and each start would
    wipe the counts of those that run. BentoML has no public way to say so.
    """
    folder = Path(tempfile.gettempdir()) / f"octroi-metrics-{os.getpid()}"
    BentoMLContainer.prometheus_multiproc_dir.set(str(folder))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
