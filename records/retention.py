"""Deletes the oldest decisions; the chain then begins again behind a checkpoint that a later link anchors."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from records.chain import RETENTION
from records.database import Database
from records.ledger import Ledger
from records.tables import chain_events, checkpoints, predictions

_AT_ONCE = 20_000
"""Decisions that go in one transaction, during which nobody else writes."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What went."""

    decisions: int
    first_kept: int
    """The number of the first decision that is left, or will come."""
    event: int
    """The number of the last event in the chain by which something went."""


def delete_older(database: Database, before_us: int, report: Callable[[float], None]) -> Retention:
    """Delete the decisions before the first made at *before_us* or later, with all that belongs to them.

    Counts by the hour stay: they name nobody.
    """
    start = database.first_seq()
    end = _end(database, before_us)
    while (first := database.first_seq()) <= end:
        with database.ledger() as ledger:
            _delete(ledger, min(end, first + _AT_ONCE - 1))
        report((first - start) / (end - start + 1))
    first = database.first_seq()
    return Retention(first - start, first, database.head().event)


def _end(database: Database, before_us: int) -> int:
    """The number of the last decision before the first that is kept."""
    table = predictions.c
    kept = sa.select(sa.func.min(table.seq)).where(table.decided_at_us >= before_us)
    ((first,),) = database.rows(kept)
    return database.head().seq if first is None else int(first) - 1


def _delete(ledger: Ledger, last: int) -> None:
    """Delete every decision up to number *last*, which becomes the checkpoint."""
    connection, events = ledger.connection, chain_events.c
    digest = connection.scalar(sa.select(predictions.c.chain_hash).where(predictions.c.seq == last))
    event = connection.scalar(sa.select(sa.func.max(events.event)).where(events.after_seq < last))
    if event is None:
        event = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(checkpoints.c.event), 0)))
    connection.execute(sa.delete(predictions).where(predictions.c.seq <= last))
    connection.execute(sa.delete(chain_events).where(events.event <= event))
    connection.execute(sa.delete(checkpoints))
    kept = {"seq": last, "event": event}
    connection.execute(
        sa.insert(checkpoints).values(**kept, chain_hash=digest, made_at_us=time.time_ns() // 1000)
    )
    ledger.add_event(RETENTION, msgspec.to_builtins(kept | {"hash": digest}))
