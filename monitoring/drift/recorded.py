"""Drift of the decisions as they were recorded, each one looked at."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from credit.errors import InvalidModel
from monitoring.drift.gathering import Decision, Gatherer
from monitoring.drift.span import Span
from monitoring.drift.subject import PREVIOUS, Question, Subject
from monitoring.drift.tally import Column
from monitoring.drift.window import Window
from monitoring.reporting.document import Document

Progress = Callable[[str], AbstractContextManager[Callable[[float], None]]]
"""Given what is done, it shows the fraction that it is then told."""


class Records(Protocol):
    """One model's decisions, wherever they are; moments are microseconds since the epoch."""

    @property
    def names(self) -> tuple[str, ...]:
        """The recorded features, in order; none when nothing of the model was recorded."""
        ...

    def count(self, since_us: int, until_us: int) -> int:
        """How many there are from a moment, included, to another, excluded."""
        ...

    def count_others(self, since_us: int, until_us: int) -> int:
        """How many of the same time there are by other models."""
        ...

    def read(self, since_us: int, until_us: int, every: int = 1) -> Iterator[Sequence[Decision]]:
        """Each, or one in *every*, in batches."""
        ...


def compare_recorded(subject: Subject, question: Question, records: Records, progress: Progress) -> Document:
    """The answer from the decisions in *records*; `InvalidModel` when these have other features."""
    if records.names and records.names != subject.schema.names:
        raise InvalidModel(
            f"the decisions of {subject.version} were recorded with other features than it has now"
        )
    earlier = None
    if question.against == PREVIOUS:
        earlier = _gathered(subject, question.span.previous, records, progress)
    now = _gathered(subject, question.span, records, progress)
    others = records.count_others(question.span.since_us, question.span.until_us)
    return subject.compared(question, earlier, now, "database", others)


def sampled(subject: Subject, span: Span, records: Records, most: int) -> dict[str, Column]:
    """The model's features of *most* decisions or fewer, by name, and what it answered."""
    every = math.ceil(records.count(span.since_us, span.until_us) / most)
    rows = [row for batch in records.read(span.since_us, span.until_us, every) for row in batch]
    return Gatherer(subject.reference, subject.schema).columns(rows)


def _gathered(subject: Subject, span: Span, records: Records, progress: Progress) -> Window:
    total, done = records.count(span.since_us, span.until_us), 0

    def counted() -> Iterator[Sequence[Decision]]:
        nonlocal done
        for batch in records.read(span.since_us, span.until_us):
            yield batch
            done += len(batch)
            # More may have come since they were counted.
            report(min(1.0, done / max(1, total)))

    with progress(f"Counting {total:,} decisions") as report:
        return Gatherer(subject.reference, subject.schema).gather(counted())
