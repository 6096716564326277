"""When an archivist ends: what it was started by tells it."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from records.segment import live
from records.supervisor import STOP_SIGNALS


def ends(once: bool, parent: int | None, journal: Path) -> Callable[[], bool]:
    """A function that says whether the next pass is the last.

    Alone, a signal ends it. With a parent, a signal or the parent's end means that the service stops:
    the last pass comes when no journal is live any more, or at a second signal.
    """
    received: list[int] = []
    for number in STOP_SIGNALS:
        signal.signal(number, lambda got, _: received.append(got))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def is_last() -> bool:
        if once or parent is None:
            return once or bool(received)
        stopping = bool(received) or os.getppid() != parent
        return len(received) > 1 or (stopping and not live(journal))

    return is_last
