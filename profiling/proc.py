"""What the kernel says of a process. All of it raises `OSError` once the process is gone."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _SESSION = 11, 12, 3
"""Places in `_after_name`."""


def resident_bytes(pid: int) -> int:
    """Memory that it holds now; 0 when it ended and nobody asked how."""
    return _bytes(pid, "VmRSS:")


def own_bytes(pid: int) -> int:
    """The part of it that no file backs: what it allocated, without the libraries it loaded."""
    return _bytes(pid, "RssAnon:")


def most_resident_bytes(pid: int) -> int:
    """The most memory that it held so far; 0 when it ended and nobody asked how."""
    return _bytes(pid, "VmHWM:")


def cpu_seconds(pid: int) -> float:
    """Processor time of all its threads so far; that of its children is not counted."""
    fields = _after_name(pid)
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS


def words(pid: int) -> list[str]:
    """Its command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")


def children(pid: int) -> list[int]:
    """The processes that its main thread started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def session(number: int) -> Iterator[int]:
    """The processes of a session."""
    for pid in processes():
        with suppress(OSError):
            if int(_after_name(pid)[_SESSION]) == number:
                yield pid


def processes() -> Iterator[int]:
    """All of this machine; some may be gone by the time they are looked at."""
    return (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _bytes(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _after_name(pid: int) -> list[str]:
    # The name may hold anything, brackets included.
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()
