"""A lock on a file, which the system lets go when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def try_lock(path: Path, flags: int = os.O_RDONLY) -> Iterator[bool]:
    """Whether nobody else holds *path*; if so it is held while the block runs. *flags*: of `os.open`."""
    descriptor = os.open(path, flags, 0o600)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
