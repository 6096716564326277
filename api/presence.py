"""Whether a process of this host still lives, by a file that it keeps locked."""

import fcntl
import os
import time
import uuid
from pathlib import Path

from records.lock import try_lock

_SUFFIX = ".alive"
_KEPT_S = 86_400
"""A file of the dead goes after this; a younger one may be about to be locked."""


class Presence:
    """This process among those that share *folder*; the system lets its file go when it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        _tidy(folder)
        self.token = uuid.uuid4().hex
        self._descriptor = os.open(self._path(self.token), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def lives(self, token: str) -> bool:
        """Whether the process with *token*, this one or another, still runs."""
        try:
            with try_lock(self._path(token)) as free:
                return not free
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Be gone."""
        os.close(self._descriptor)

    def _path(self, token: str) -> Path:
        return self._folder / (token + _SUFFIX)


def _tidy(folder: Path) -> None:
    for path in folder.glob(f"*{_SUFFIX}"):
        if path.stat().st_mtime < time.time() - _KEPT_S:
            with try_lock(path) as free:
                if free:
                    path.unlink(missing_ok=True)
