"""Which process of a host is the archivist."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from records.lock import try_lock

_LOCK_FILE = "archivist.lock"


@contextmanager
def elected(folder: Path) -> Iterator[bool]:
    """Whether this process is the host's archivist while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with try_lock(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT) as taken:
        yield taken
