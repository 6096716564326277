"""Files that are there, whole, after any crash, or not at all."""

import os
from pathlib import Path


def publish(unfinished: Path, path: Path) -> None:
    """Give the finished file its name, which takes the place of what had it."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.absolute().parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
