"""What cannot be shipped is kept beside the journal, byte for byte, before its segment may go."""

import hashlib
import re
from pathlib import Path

import msgspec

from records.durable import publish, sync_folder
from records.frame import pack
from records.journal import SUFFIX
from records.record import SegmentHeader
from records.segment import Lost, Segment

POISON = "poison"
"""The folder, inside the journal's, of whole records that the database refused or nobody understands."""
DAMAGED = ".damaged"
_SANE_ID = re.compile(r"[0-9a-f-]{36}")


class Quarantine:
    """The files of one journal folder that need a person's look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep_record(self, header: SegmentHeader, raw: bytes, reason: str) -> bool:
        """Keep a record as a segment of its own, which ships when it is moved back; whether that is news."""
        name = record_name(raw)
        content = pack(msgspec.json.encode(header)) + pack(b"[" + raw + b"]")
        return self._keep(self._folder / POISON / (name + SUFFIX), content, reason)

    def keep_lost(self, segment: Path, lost: Lost) -> bool:
        """Keep bytes of *segment*, whose place there is in the file's name; whether that is news."""
        name = f"{segment.stem}-{lost.start}"
        if lost.kind == "unreadable":
            return self._keep(self._folder / POISON / f"{name}.frame", lost.data, lost.reason)
        return _write_durably(self._folder / (name + DAMAGED), lost.data)

    def forget(self, sk_id_curr: int) -> None:
        """Remove the refused records of a client."""
        for path in self._poison(SUFFIX):
            if any(record.sk_id_curr == sk_id_curr for record in Segment(path).read(0).records):
                path.unlink()
                path.with_suffix(".txt").unlink(missing_ok=True)

    def unreadable(self) -> list[str]:
        """Files that may hold anybody's data, for nobody can read them."""
        return sorted(map(str, [*self._folder.glob(f"*{DAMAGED}"), *self._poison(".frame")]))

    def _poison(self, suffix: str) -> list[Path]:
        return list((self._folder / POISON).glob(f"*{suffix}"))

    def _keep(self, path: Path, content: bytes, reason: str) -> bool:
        if not path.parent.is_dir():
            path.parent.mkdir()
            sync_folder(self._folder)
        _write_durably(path.with_suffix(".txt"), f"{reason}\n".encode())
        return _write_durably(path, content)


class _Identified(msgspec.Struct):
    decision_id: str


def record_name(raw: bytes) -> str:
    """What a record's files are called: its decision's id, or a hash of it when that id is none.

    >>> record_name(b'{"decision_id": "../../etc/passwd"}')[:8]
    'dfa14709'
    """
    given = msgspec.json.decode(raw, type=_Identified).decision_id
    return given if _SANE_ID.fullmatch(given) else hashlib.sha256(raw).hexdigest()[:36]


def _write_durably(path: Path, content: bytes) -> bool:
    """Whether *path* did not hold *content* yet."""
    if path.is_file() and path.stat().st_size == len(content):
        return False
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    publish(temporary, path)
    return True
