"""Whether the records are what was once written: every edit, gap, insertion and cut is found and located."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from records.chain import CHAINED, ERASURE, RETENTION, decision_hash, event_hash, first_hash, personal_digest
from records.database import Database
from records.heads import KeptHead
from records.hours import written
from records.ledger import Head, read_head
from records.tables import chain_events, checkpoints, prediction_inputs, predictions

_ROWS = 2000
_MOST_PROBLEMS = 1000
"""What was taken apart altogether need not be listed altogether."""
_WIDTH = len(CHAINED)
_DIGEST = CHAINED.index("personal_digest")

Report = Callable[[float], None]
_Body = TypeVar("_Body")


class Erased(msgspec.Struct, frozen=True):
    """What the link of an erasure says."""

    decisions: tuple[tuple[int, int], ...]
    """First and last number of each run of decisions that lost their personal data."""


class Retained(msgspec.Struct, frozen=True):
    """What the link of a retention says: where the chain begins again."""

    seq: int
    event: int
    hash: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written, about decisions *first* to *last*."""

    first: int
    last: int
    what: str

    def __str__(self) -> str:
        where = (
            f"decision {self.first:,}"
            if self.first == self.last
            else f"decisions {self.first:,} to {self.last:,}"
        )
        return f"{where}: {self.what}"


@dataclass(slots=True)
class Verdict:
    """What a walk along the chain found."""

    decisions: int = 0
    events: int = 0
    erased: int = 0
    """Decisions whose personal data an erasure took away."""
    heads: int = 0
    """Kept heads that the chain was compared with."""
    head: Head | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.problems

    def add(self, first: int, last: int, what: str) -> None:
        """Note a problem; one that goes on where the same one ended is one."""
        if self.problems and (self.problems[-1].last, self.problems[-1].what) == (first - 1, what):
            first = self.problems.pop().first
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(first, last, what))


CHANGED = "not what was recorded, or not in its place: edited, inserted or moved"
PERSONAL_CHANGED = "client number, amount or inputs are not those that were decided on"
PERSONAL_GONE = "inputs are gone, and no erasure says so"
MISSING = "missing"
CUT = "missing from the end"
BEFORE = "stands before the checkpoint that the chain begins with"
NO_RETENTION = "a checkpoint that no retention in the chain speaks of: what came before it is missing"
BAD_EVENT = "an event after it is not what was recorded, or one is missing"
OTHER_HISTORY = "its link is another than in the head kept on"
UNKNOWN_HEAD = "a kept head is damaged, or was not signed with the key"
NO_HEADS = "no head of this chain is kept elsewhere, so a cut tail could not be seen"


def verify(
    database: Database, heads: Iterable[KeptHead | None], key: bytes | None, report: Report
) -> Verdict:
    """Walk the whole chain, decision by decision, and compare it with the *heads* kept elsewhere."""
    with database.reading() as connection:
        return _Walk(connection, heads, key).walk(report)


class _Walk:
    """One walk along the chain, in one transaction."""

    def __init__(
        self, connection: sa.Connection, heads: Iterable[KeptHead | None], key: bytes | None
    ) -> None:
        self._connection = connection
        self._found = Verdict(head=read_head(connection))
        assert self._found.head is not None
        self._head = self._found.head
        start = connection.execute(
            sa.select(checkpoints).order_by(checkpoints.c.seq.desc()).limit(1)
        ).one_or_none()
        self._start = None if start is None else Retained(start.seq, start.event, start.chain_hash)
        self._seq, self._event, self._hash = (
            (0, 0, first_hash(self._head.chain))
            if self._start is None
            else (self._start.seq, self._start.event, self._start.hash)
        )
        self._events = list(map(tuple, connection.execute(_events_after(self._event))))
        self._heads = _by_place(self._trusted(heads, key))
        self._erased = _erased(self._events, self._head.seq)

    def walk(self, report: Report) -> Verdict:
        self._look_before_the_start()
        # A head may have been kept before anything was decided.
        self._compare()
        for row in self._decisions():
            self._take_events(before=row[0])
            self._take_decision(row)
            if not self._found.decisions % _ROWS:
                report(self._seq / max(self._head.seq, 1))
        self._take_events(before=None)
        self._look_at_the_end()
        return self._found

    def _decisions(self) -> Iterator[Sequence[Any]]:
        columns = [predictions.c[name] for name in CHAINED]
        inputs, table = prediction_inputs.c, predictions.c
        query = (
            sa.select(
                *columns, table.chain_hash, table.sk_id_curr, table.amt_credit, inputs.salt, inputs.inputs
            )
            .outerjoin(prediction_inputs, inputs.seq == table.seq)
            .where(table.seq > self._seq)
            .order_by(table.seq)
            .execution_options(yield_per=_ROWS)
        )
        for rows in self._connection.execute(query).partitions():
            yield from rows

    def _take_decision(self, row: Sequence[Any]) -> None:
        seq, stored = row[0], row[_WIDTH]
        if seq != self._seq + 1:
            self._found.add(self._seq + 1, seq - 1, MISSING)
        elif decision_hash(self._hash, tuple(row[:_WIDTH])) != stored:
            self._found.add(seq, seq, CHANGED)
        self._look_at_the_person(seq, row)
        # From here on by what is stored, so that one change is found once, in its place.
        self._seq, self._hash = seq, stored or ""
        self._found.decisions += 1
        self._compare()

    def _look_at_the_person(self, seq: int, row: Sequence[Any]) -> None:
        sk_id_curr, amt_credit, salt, inputs = row[_WIDTH + 1 :]
        if inputs is None:
            told = seq in self._erased and sk_id_curr is None and amt_credit is None
            self._found.erased += told
            if not told:
                self._found.add(seq, seq, PERSONAL_GONE)
        elif salt is None or personal_digest(salt, sk_id_curr, amt_credit, inputs) != row[_DIGEST]:
            self._found.add(seq, seq, PERSONAL_CHANGED)

    def _take_events(self, before: int | None) -> None:
        """Follow the events that come next, up to the decision *before*."""
        while self._events and (before is None or self._events[0][1] < before):
            *values, stored = self._events.pop(0)
            follows = (self._event + 1, self._seq) == (values[0], values[1])
            if not follows or event_hash(self._hash, values) != stored:
                self._found.add(values[1], values[1], BAD_EVENT)
            self._event, self._hash = values[0], stored
            self._found.events += 1
            self._compare()

    def _compare(self) -> None:
        for kept in self._heads.pop((self._seq, self._event), ()):
            self._found.heads += 1
            if kept.hash != self._hash:
                self._found.add(self._seq, self._seq, f"{OTHER_HISTORY} {written(kept.kept_at_us)}")

    def _trusted(self, heads: Iterable[KeptHead | None], key: bytes | None) -> Iterator[KeptHead]:
        """The heads that count; the first ones may be older than the key."""
        signed = False
        seen: set[KeptHead | None] = set()
        for kept in heads:
            if kept in seen:
                continue
            seen.add(kept)
            if kept is None or (key is not None and not kept.is_signed(key) and (signed or kept.mac)):
                self._found.add(0, 0, UNKNOWN_HEAD)
                continue
            signed = signed or kept.mac is not None
            yield kept
        if not seen and self._head.seq:
            self._found.add(self._head.seq, self._head.seq, NO_HEADS)

    def _look_before_the_start(self) -> None:
        if self._start is None:
            return
        nothing = Retained(0, 0, "")
        told = [_read(event[4], Retained, nothing) for event in self._events if event[3] == RETENTION]
        if self._start not in told:
            self._found.add(self._start.seq, self._start.seq, NO_RETENTION)
        there = sa.select(sa.func.min(predictions.c.seq)).where(predictions.c.seq <= self._start.seq)
        first = self._connection.scalar(there)
        if first is not None:
            self._found.add(first, first, BEFORE)

    def _look_at_the_end(self) -> None:
        if self._head.seq > self._seq:
            self._found.add(self._seq + 1, self._head.seq, CUT)
        elif (self._head.seq, self._head.event, self._head.hash) != (self._seq, self._event, self._hash):
            self._found.add(self._seq, self._seq, "the head of the chain is another than its last link")
        for kept in sorted((one for group in self._heads.values() for one in group), key=lambda one: one.seq):
            start = self._start
            if start is not None and (kept.seq, kept.event) <= (start.seq, start.event):
                continue  # gone by retention
            at = f"{CUT}: by the head kept on {written(kept.kept_at_us)}"
            self._found.add(min(self._seq + 1, kept.seq), kept.seq, f"{at} it was there")


def _events_after(event: int) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(chain_events).where(chain_events.c.event > event).order_by(chain_events.c.event)


def _by_place(heads: Iterable[KeptHead]) -> dict[tuple[int, int], list[KeptHead]]:
    found: dict[tuple[int, int], list[KeptHead]] = {}
    for head in heads:
        found.setdefault((head.seq, head.event), []).append(head)
    return found


def _erased(events: Iterable[Sequence[Any]], last_seq: int) -> set[int]:
    """The numbers of the decisions whose personal data went."""
    found: set[int] = set()
    for event in events:
        if event[3] == ERASURE:
            for first, last in _read(event[4], Erased, Erased(())).decisions:
                found.update(range(max(first, 1), min(last, last_seq) + 1))
    return found


def _read(body: str, kind: type[_Body], otherwise: _Body) -> _Body:
    """What an event says; *otherwise* where that cannot be made out: its link does not hold either then."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        return otherwise
