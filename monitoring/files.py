"""The files of profiles: what their names say, and how one appears whole or not at all."""

import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from credit.errors import OctroiError

WINDOW_FORM = "%Y%m%dT%H%MZ"
_NAME = re.compile(
    r"(?P<window>\d{8}T\d{4}Z)_(?P<model>[0-9a-f]{12})_(?P<origin>[0-9a-f]{8})_(?P<first>\d+)-(?P<last>\d+)"
)
_ORIGIN = re.compile(r"[0-9a-f]{8}")
_ORIGIN_FILE = "origin"


class UnreadableProfile(OctroiError):
    """A file that is no whylogs profile of decisions, or of other decisions than those asked for."""


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What the name of a profile says: `<window start>_<model>_<origin>_<first>-<last>.bin`."""

    path: Path
    window: str
    model: str
    """First 12 hex digits of the model's hash."""
    origin: str
    """The folder it was first written in: hosts number their decisions each from 1 on."""
    first: int
    last: int

    @classmethod
    def named(cls, path: Path) -> "ProfileFile | None":
        """What the name of *path* says, if it is a profile's."""
        match = _NAME.fullmatch(path.stem) if path.suffix == ".bin" else None
        if match is None:
            return None
        window, model, origin, first, last = match.groups()
        return cls(path, window, model, origin, int(first), int(last))

    @property
    def since(self) -> datetime:
        """When the window begins."""
        return datetime.strptime(self.window, WINDOW_FORM).replace(tzinfo=UTC)

    @property
    def is_itself(self) -> bool:
        """Whether the profile was written under this name, and not copied to it."""
        with self.path.open("rb") as file:
            return self.path.stem.encode() in file.read(1 << 16)


def profile_name(window: str, model: str, origin: str, first: int, last: int) -> str:
    """What `ProfileFile` reads, without the suffix."""
    return f"{window}_{model}_{origin}_{first:012d}-{last:012d}"


def profile_files(folder: Path) -> list[ProfileFile]:
    """The profiles in *folder* by sequence number, without those that a longer one replaces."""
    found = [ProfileFile.named(path) for path in folder.glob("*.bin")]
    longest: dict[tuple[str, int], ProfileFile] = {}
    for file in sorted((file for file in found if file), key=lambda file: file.last):
        longest[file.origin, file.first] = file
    return sorted(longest.values(), key=lambda file: (file.origin, file.first))


def origin_of(folder: Path) -> str:
    """The name under which *folder* writes profiles, 8 hex digits; given to it once."""
    path = folder / _ORIGIN_FILE
    if path.exists() and _ORIGIN.fullmatch(known := path.read_text(encoding="ascii", errors="replace")):
        return known
    write_durably(path, secrets.token_hex(4).encode())
    return path.read_text(encoding="ascii")


def write_durably(path: Path, data: bytes) -> None:
    """Write *path* so that it is there, whole, after any crash, or not at all; `OSError` names it."""
    # Two processes may write the same file at once: each a whole one, and the later stays.
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        # What was written of it would go on filling a full disk.
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    temporary.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in *path* durable."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
