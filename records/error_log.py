"""What a worker refused or failed at, on its way into the records."""

import threading
from dataclasses import dataclass

import msgspec

from credit.errors import JournalUnavailable
from records.journal import Journal
from records.record import Anomaly

_MOST_KINDS = 500
"""Of errors that differ, between two writings; who sends nonsense must not fill the disk with it."""


@dataclass(slots=True)
class _Alike:
    """Errors that differ in their request alone."""

    example: Anomaly
    count: int


class ErrorLog:
    """Counts errors that are alike together, and writes them to the journal every *every_s* seconds.

    Unlike a decision, an error is answered before it is recorded: kill -9 loses the last second's.
    """

    def __init__(self, journal: Journal, every_s: float = 1.0) -> None:
        self._journal = journal
        self._every_s = every_s
        self._alike: dict[tuple[object, ...], _Alike] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write_forever, name="error-log", daemon=True)
        self._thread.start()

    def note(self, error: Anomaly) -> None:
        """Take *error* in."""
        with self._lock:
            if _kind(error) not in self._alike and len(self._alike) >= _MOST_KINDS:
                simulated = "other" if error.scenario else None
                error = msgspec.structs.replace(error, field=None, rule=None, scenario=simulated)
            alike = self._alike.setdefault(_kind(error), _Alike(error, 0))
            alike.count += error.count

    def close(self) -> None:
        """Write what is left; the journal must still be open."""
        self._stopping.set()
        self._thread.join()
        self._write()

    def _write_forever(self) -> None:
        while not self._stopping.wait(self._every_s):
            self._write()
            self._journal.rotate_if_asked()

    def _write(self) -> None:
        with self._lock:
            alike, self._alike = self._alike, {}
        if not alike:
            return
        try:
            self._journal.report(
                [msgspec.structs.replace(one.example, count=one.count) for one in alike.values()]
            )
        except JournalUnavailable:
            for one in alike.values():
                self.note(msgspec.structs.replace(one.example, count=one.count))


def _kind(error: Anomaly) -> tuple[object, ...]:
    return error.kind, error.route, error.status, error.field, error.rule, error.scenario
