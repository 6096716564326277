"""How much of the journals is not in the database yet, as any process may ask."""

from pathlib import Path

import msgspec

from records.segment import segments

_FILE = "archived.json"


def note_archived(folder: Path, ends: dict[str, int]) -> None:
    """Keep how many bytes of each segment are in the database: a hint for who asks, no more."""
    temporary = folder / (_FILE + ".tmp")
    temporary.write_bytes(msgspec.json.encode(ends))
    temporary.rename(folder / _FILE)


def pending_bytes(folder: Path) -> int:
    """Bytes that wait in *folder*; they grow when the database, or the archivist, is away."""
    try:
        ends = msgspec.json.decode((folder / _FILE).read_bytes(), type=dict[str, int])
    except (FileNotFoundError, msgspec.DecodeError):
        ends = {}
    return sum(_waiting(path, ends.get(path.name, 0)) for path in segments(folder))


def _waiting(path: Path, end: int) -> int:
    try:
        return max(0, path.stat().st_size - end)
    except FileNotFoundError:
        return 0  # it was moved meanwhile
