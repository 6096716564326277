"""Heads of the chain, kept outside the database: who cuts the chain's tail off must get at these as well."""

import hashlib
import hmac
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from records.durable import publish, sync_folder
from records.ledger import Head

log = structlog.get_logger()


class KeptHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a chain ended at a time; `mac` is by the key that the writer had, if it had one."""

    chain: str
    seq: int
    event: int
    hash: str
    kept_at_us: int
    mac: str | None = None

    def signed(self, key: bytes) -> str:
        """What `mac` must be by *key*."""
        told = msgspec.json.encode((self.chain, self.seq, self.event, self.hash, self.kept_at_us))
        return hmac.new(key, told, hashlib.sha256).hexdigest()

    def is_signed(self, key: bytes) -> bool:
        return self.mac is not None and hmac.compare_digest(self.mac, self.signed(key))


class HeadKeeper:
    """Keeps the heads of a chain in *folder*: the newest in one file, one every *every_s* seconds in a list.

    The list, and the log, grow only; so an old state of the database can be told from a new one.
    """

    def __init__(self, folder: Path, key: bytes | None, every_s: float = 60.0) -> None:
        self._folder = folder
        self._key = key
        self._every_s = every_s
        self._newest: Head | None = None
        self._listed: Head | None = None
        self._listed_at = -every_s

    def keep(self, head: Head, *, last: bool = False) -> None:
        """Keep *head* if it is another than before; with *last*, in the list too, however new that is."""
        if head == self._newest and not (last and head != self._listed):
            return
        kept = self._told(head)
        self._folder.mkdir(parents=True, exist_ok=True)
        newest = newest_file(self._folder, head.chain)
        unfinished = newest.with_name(newest.name + ".tmp")
        unfinished.write_bytes(msgspec.json.encode(kept))
        publish(unfinished, newest)
        self._newest = head
        if last or time.monotonic() - self._listed_at >= self._every_s:
            self._list(kept)
            self._listed, self._listed_at = head, time.monotonic()

    def _told(self, head: Head) -> KeptHead:
        kept = KeptHead(**msgspec.structs.asdict(head), kept_at_us=time.time_ns() // 1000)
        return msgspec.structs.replace(kept, mac=kept.signed(self._key)) if self._key else kept

    def _list(self, kept: KeptHead) -> None:
        path = list_file(self._folder, kept.chain)
        is_new = not path.exists()
        with path.open("ab") as file:
            file.write(msgspec.json.encode(kept) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._folder)
        log.info("chain_head", seq=kept.seq, after_event=kept.event, hash=kept.hash, mac=kept.mac)


def newest_file(folder: Path, chain: str) -> Path:
    """Where the newest head of this chain is kept."""
    return folder / f"{chain}.newest.json"


def list_file(folder: Path, chain: str) -> Path:
    """Where the heads of this chain are listed."""
    return folder / f"{chain}.jsonl"


def kept_heads(folder: Path, chain: str) -> Iterator[KeptHead | None]:
    """The heads of this chain in *folder*, as they were written; `None` for a line that is none."""
    for path in (list_file(folder, chain), newest_file(folder, chain)):
        for line in path.read_bytes().splitlines() if path.is_file() else ():
            try:
                yield _HEAD.decode(line)
            except msgspec.DecodeError:
                yield None


def supersede(folder: Path, head: Head) -> int:
    """Set the heads aside that lie beyond *head*, because an older state was restored; how many."""
    later: list[bytes] = []
    for path in (list_file(folder, head.chain), newest_file(folder, head.chain)):
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        beyond = [line for line in lines if _is_beyond(line, head)]
        if beyond:
            later += [line.rstrip() + b"\n" for line in beyond]
            unfinished = path.with_name(path.name + ".tmp")
            unfinished.write_bytes(b"".join(line for line in lines if line not in beyond))
            publish(unfinished, path)
    if later:
        with (folder / f"{head.chain}.superseded").open("ab") as file:
            file.write(b"".join(later))
    return len(later)


def _is_beyond(line: bytes, head: Head) -> bool:
    try:
        kept = _HEAD.decode(line)
    except msgspec.DecodeError:
        return False
    return (kept.seq, kept.event) > (head.seq, head.event)


_HEAD = msgspec.json.Decoder(KeptHead)
