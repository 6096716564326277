"""Takes a client's data out of everything this service keeps, and leaves the skeletons of the decisions."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from credit.errors import OctroiError
from records.chain import ERASURE, PERSONAL
from records.database import Database
from records.journal import ask_to_rotate
from records.quarantine import Quarantine
from records.segment import segments
from records.tables import clients, exports, prediction_inputs, predictions

FORGOTTEN = "forgotten"
"""The file in the folder of profiles that names the last event by which they were rebuilt."""
_PAUSE_S = 0.1


class ErasureUnfinished(OctroiError):
    """What could not be erased yet, and what is in the way; asked again, the erasure goes on."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where personal data lie besides the database."""

    journal: Path
    profiles: Path


@dataclass(frozen=True, slots=True)
class Erasure:
    """What went, and where copies may be left."""

    decisions: int
    """Recorded decisions that lost inputs, client number and amounts by this."""
    known_client: bool
    """Whether the features of the client had been loaded."""
    event: int
    """The number of the last event in the chain by which something went."""
    exports: list[str] = field(default_factory=list)
    """Files outside the service's reach that were written from these decisions."""
    unreadable: list[str] = field(default_factory=list)
    """Damaged pieces of journals that nobody can read, and that may hold anybody's data."""


def erase_client(
    database: Database, places: Places, sk_id_curr: int, archive: Callable[[], None], patience_s: float
) -> Erasure:
    """Erase a client everywhere within *patience_s*; `ErasureUnfinished` says what is in the way.

    *archive*: move what is in the journals, profile it and say so, if no other process is there to do it.
    """
    deadline = time.monotonic() + patience_s
    settle(places, archive, deadline)
    quarantine = Quarantine(places.journal)
    quarantine.forget(sk_id_curr)
    erased = _erase(database, sk_id_curr, quarantine.unreadable())
    finish(database, places, erased.event, archive, deadline)
    return erased


def settle(places: Places, archive: Callable[[], None], deadline: float) -> None:
    """Bring what the journals hold by now into the database, and their files away."""
    ask_to_rotate(places.journal)
    waiting = segments(places.journal)
    while waiting := [path for path in waiting if path.exists()]:
        archive()
        names = ", ".join(path.name for path in waiting)
        _wait(deadline, f"the journal {names} is not in the database yet")


def finish(
    database: Database, places: Places, event: int, archive: Callable[[], None], deadline: float
) -> None:
    """Wait until the profiles are without what went by *event*, then leave no trace of it in the database."""
    while places.profiles.is_dir() and forgotten(places.profiles) < event:
        archive()
        _wait(deadline, "the profiles are not rebuilt yet: is an archivist at work?")
    while not database.scrub():
        _wait(deadline, "others are using the database, so its file could not be compacted yet")


def forgotten(profiles: Path) -> int:
    """The number of the last event by which the profiles in this folder were rebuilt."""
    path = profiles / FORGOTTEN
    return int(path.read_text()) if path.is_file() else 0


def runs(seqs: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each run of numbers without a gap.

    >>> runs([1, 2, 3, 7, 9, 8])
    [(1, 3), (7, 9)]
    """
    found: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if found and found[-1][1] == seq - 1:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return found


def _wait(deadline: float, reason: str) -> None:
    if time.monotonic() > deadline:
        raise ErasureUnfinished(f"{reason}; nothing is lost by asking again")
    time.sleep(_PAUSE_S)


def _erase(database: Database, sk_id_curr: int, unreadable: list[str]) -> Erasure:
    """Empty the client's rows, in one transaction with the event that says which."""
    of_client = predictions.c.sk_id_curr == sk_id_curr
    with database.ledger() as ledger:
        connection = ledger.connection
        seqs = list(connection.scalars(sa.select(predictions.c.seq).where(of_client)))
        inputs = sa.delete(prediction_inputs)
        connection.execute(
            inputs.where(prediction_inputs.c.seq.in_(sa.select(predictions.c.seq).where(of_client)))
        )
        connection.execute(sa.update(predictions).where(of_client).values(dict.fromkeys(PERSONAL)))
        known = connection.execute(sa.delete(clients).where(clients.c.sk_id_curr == sk_id_curr)).rowcount
        if seqs:
            ledger.add_event(ERASURE, {"decisions": runs(seqs)})
        copies = _copies(connection, seqs)
        return Erasure(len(seqs), bool(known), ledger.head.event, copies, unreadable)


def _copies(connection: sa.Connection, seqs: Sequence[int]) -> list[str]:
    """The files that were written from a range with one of *seqs* in it."""
    rows = connection.execute(sa.select(exports.c.path, exports.c.first_seq, exports.c.last_seq)).all()
    return sorted({path for path, first, last in rows if any(first <= seq <= last for seq in seqs)})
