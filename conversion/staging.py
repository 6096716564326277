"""A folder for work in progress: hidden, on the disk of the result, and gone afterwards."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from credit.errors import InvalidModel

PREFIX = ".octroi-"


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder from which files can be renamed into *out*, so that nothing half-written is ever there."""
    if out.exists() and not out.is_dir():
        raise InvalidModel(f"{out} is a file: give --out a folder")
    home = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())
    with ExitStack() as stack:
        with locked(home):
            _sweep(home)
            try:
                stage = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, dir=home)))
            except PermissionError as error:
                raise InvalidModel(f"cannot write {out}: {error.strerror}") from error
            stack.enter_context(locked(stage))
        yield stage


@contextmanager
def locked(folder: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the lock of *folder*, which the system takes back however this process ends."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


def _sweep(home: Path) -> None:
    """Remove what killed processes left: the folders whose lock nobody holds."""
    for left in home.glob(f"{PREFIX}*"):
        with suppress(OSError), locked(left, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(left, ignore_errors=True)
