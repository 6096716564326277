"""Which idempotency keys are taken on this host, by which body, and what was answered."""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from api.body import Refused
from api.presence import Presence
from credit.errors import DatabaseUnavailable

LIFETIME_S = 86_400
_LOCK_TIMEOUT_S = 5.0
_TABLE = """
CREATE TABLE IF NOT EXISTS reservations (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    owner TEXT,
    decision_ids TEXT NOT NULL,
    answer BLOB,
    reserved_at_s INTEGER NOT NULL
) WITHOUT ROWID
"""
_INDEX = "CREATE INDEX IF NOT EXISTS reservations_by_age ON reservations (reserved_at_s)"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request that came with an idempotency key wants to reserve."""

    key: str
    """Hash of the API key's name and the idempotency key."""
    fingerprint: str
    """Hash of what is asked."""
    name: str
    """The idempotency key itself."""

    @classmethod
    def of(cls, key: bytes, who: str | None, route: str, body: bytes) -> "Claim":
        """The claim of *who* sent *body* to *route* under *key*.

        Keys of different API keys never meet; without the key the fingerprint tells nothing of the body.
        """
        named = [(who or "").encode(), key]
        return cls(_hash(named), _hash([*named, route.encode(), body]), key.decode("ascii"))


@dataclass(frozen=True, slots=True)
class Reservation:
    """A key that is this request's alone now, or was answered before."""

    decision_ids: tuple[str, ...]
    """Under which it is recorded, whoever does it: two records under one id are one decision."""
    answer: bytes | None = None
    """As it was kept."""
    is_inherited: bool = False
    """Another try under these ids ended without an answer, perhaps after it was recorded."""


class Reservations:
    """A file of this host's, shared by all workers. An answer it keeps names no client."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        with self._told():
            self._presence = Presence(folder)
            self._connection = sqlite3.connect(
                folder / "keys.db", timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE, _INDEX):
                self._connection.execute(statement)

    def reserve(self, claim: Claim, decision_ids: tuple[str, ...]) -> Reservation:
        """Take the key of *claim*, to record under *decision_ids* if it is new.

        `Refused` with 422 when another body came with it, 409 while the first request still runs.
        """
        with self._transaction() as connection:
            now_s = int(time.time())
            connection.execute("DELETE FROM reservations WHERE reserved_at_s < ?", (now_s - LIFETIME_S,))
            row = connection.execute(
                "SELECT fingerprint, owner, decision_ids, answer FROM reservations WHERE key = ?",
                (claim.key,),
            ).fetchone()
            if row is None:
                ids = msgspec.json.encode(decision_ids).decode()
                mine = (claim.key, claim.fingerprint, self._presence.token, ids, now_s)
                connection.execute(
                    "INSERT INTO reservations (key, fingerprint, owner, decision_ids, reserved_at_s) "
                    "VALUES (?, ?, ?, ?, ?)",
                    mine,
                )
                return Reservation(decision_ids)
            return self._taken(connection, claim, *row)

    def keep(self, key: str, answer: bytes) -> None:
        """Keep the *answer* to the request that reserved *key*."""
        self._update("UPDATE reservations SET answer = ? WHERE key = ?", (answer, key))

    def abandon(self, key: str) -> None:
        """Let the next try take *key* over; it must see first whether this one was recorded."""
        self._update("UPDATE reservations SET owner = NULL WHERE key = ?", (key,))

    def release(self, key: str) -> None:
        """Forget *key*: nothing was recorded under it."""
        self._update("DELETE FROM reservations WHERE key = ?", (key,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            self._presence.close()

    def _taken(
        self,
        connection: sqlite3.Connection,
        claim: Claim,
        fingerprint: str,
        owner: str | None,
        decision_ids: str,
        answer: bytes | None,
    ) -> Reservation:
        if fingerprint != claim.fingerprint:
            raise Refused(422, "this Idempotency-Key came with another request before: take a new one")
        ids = msgspec.json.decode(decision_ids, type=tuple[str, ...])
        if answer is not None:
            return Reservation(ids, answer)
        if owner is not None and self._presence.lives(owner):
            raise Refused(
                409, "the first request with this Idempotency-Key still runs", [(b"retry-after", b"1")]
            )
        connection.execute(
            "UPDATE reservations SET owner = ? WHERE key = ?", (self._presence.token, claim.key)
        )
        return Reservation(ids, is_inherited=True)

    def _update(self, statement: str, values: Sequence[object]) -> None:
        with self._transaction() as connection:
            connection.execute(statement, values)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._told(), self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise DatabaseUnavailable(f"the file of idempotency keys does not answer: {error}") from error


def _hash(parts: Sequence[bytes]) -> str:
    """SHA-256 of *parts*, none of which can pass for two."""
    together = hashlib.sha256()
    for part in parts:
        together.update(len(part).to_bytes(8, "big") + part)
    return together.hexdigest()
