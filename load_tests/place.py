"""Where a load test happens: a folder to itself, into which its service writes all it has."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from credit.errors import InvalidSettings
from records.lock import try_lock
from runners.bundle import Bundle

WORKERS = 2
"""Of the service in it."""
_DATA = "data"


@dataclass(frozen=True)
class Place:
    """The folder, the model that is served, and the environment of its service."""

    folder: Path
    bundle: Bundle
    environment: Mapping[str, str]
    """Names OCTROI_DATA, and DATABASE_URL in it."""

    @property
    def data(self) -> str:
        return self.environment["OCTROI_DATA"]

    @property
    def database(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def questions(self) -> Path:
        """File of what is asked, with the answers."""
        return self.folder / "questions.jsonl"


@contextmanager
def open_place(folder: Path, bundle: Bundle, environment: Mapping[str, str]) -> Iterator[Place]:
    """A place in *folder*, which is emptied of what an earlier load test left there.

    `InvalidSettings` when another one is at work in it, or when what is in it is none of a load test's.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with try_lock(folder.with_name(f".{folder.name}.lock"), os.O_RDWR | os.O_CREAT) as is_ours:
        if not is_ours:
            raise InvalidSettings(f"another load test writes to {folder}: wait for it, or name another --out")
        if folder.exists() and any(folder.iterdir()) and not (folder / _DATA).is_dir():
            raise InvalidSettings(f"{folder} holds something else than a load test: name another --out")
        if folder.exists():
            shutil.rmtree(folder)
        data = folder / _DATA
        data.mkdir(parents=True)
        told = {"OCTROI_DATA": str(data), "DATABASE_URL": f"sqlite:///{data / 'octroi.db'}"}
        yield Place(folder, bundle, {**environment, **told})
