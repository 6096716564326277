"""The door of records: `python -m records --help`."""

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import click
import structlog
from rich.console import Console
from rich.table import Table

from credit.errors import DatabaseUnavailable
from doors import Door
from logs import log_as_json
from monitoring.profiles import Columns, Observation, Profiler
from records.archivist import Archivist
from records.database import Database, Decided
from records.election import elected
from records.segment import live
from records.stats import Stats, read_stats
from records.supervisor import STOP_SIGNALS
from settings import Settings, read_settings

log = structlog.get_logger()

_PAUSE_S = 0.2
_AFTER_FAILURE_S = 1.0
_ROWS = 1000


@click.group(cls=Door)
def door() -> None:
    """What was decided: the archivist and the database."""


@door.command()
@click.option("--once", is_flag=True, help="Move what is there now, then end.")
@click.option("--parent", type=int, help="Process that started this one: stay until every journal is closed.")
def archive(once: bool, parent: int | None) -> None:
    """Move decisions from the journals into the database and into the profiles.

    One archivist works on a host; a second one says so and ends.
    """
    settings = read_settings()
    log_as_json(settings.log_level)
    with elected(settings.journal) as alone:
        if not alone:
            # Two workers may start one at the same time; whom nobody started is told.
            if parent is None:
                click.echo("another archivist is at work in this folder", err=True)
            return
        log.info("archivist_started")
        _archive(settings, _ends(once, parent, settings.journal))


@door.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def stats(as_json: bool) -> None:
    """Count the recorded decisions."""
    found = read_stats(Database(read_settings().database))
    if as_json:
        click.echo(json.dumps({**asdict(found), "approval_rate": found.approval_rate}))
    else:
        Console().print(_table(found))


def _archive(settings: Settings, ends: Callable[[], bool]) -> None:
    """Move and profile until *ends*, asked before each pass, says that it is the last."""
    database = _waited_for(settings, ends)
    archivist = Archivist(settings.journal, database)
    profiling = _Profiling(settings.profiles, database)
    last = False
    # In a thread of its own: loading whylogs alone takes seconds, which no decision should wait for.
    with ThreadPoolExecutor(1) as thread:
        taking = thread.submit(profiling.take_in)
        while not last:
            last = ends()
            _move(archivist)
            if taking.done():
                taking.result()
                taking = thread.submit(profiling.take_in)
        taking.result()
        profiling.take_in(last=True)


def _move(archivist: Archivist) -> None:
    """Move what there is; pause when there is nothing, or nowhere to put it."""
    try:
        moved = archivist.move()
    except DatabaseUnavailable as error:
        log.error("database_unavailable", reason=str(error))
        time.sleep(_AFTER_FAILURE_S)
        return
    if not moved.records:
        time.sleep(_PAUSE_S)


def _waited_for(settings: Settings, ends: Callable[[], bool]) -> Database:
    """The database, as soon as it answers."""
    while True:
        try:
            return Database(settings.database, create=True)
        except DatabaseUnavailable as error:
            if ends():
                raise
            log.error("database_unavailable", reason=str(error))
            time.sleep(_AFTER_FAILURE_S)


class _Profiling:
    """Takes what is in the database and in no profile yet into one; a failure is logged and tried again."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._columns = cache(lambda model: _columns(database, model))
        self._profiler: Profiler | None = None

    def take_in(self, *, last: bool = False) -> None:
        try:
            self._profiler = self._profiler or Profiler(self._folder)
            self._add_all(self._profiler)
            if last:
                self._profiler.flush()
            else:
                self._profiler.flush_when_due()
        except (DatabaseUnavailable, OSError) as error:
            log.error("not_profiled", reason=str(error))
            # What it had not written is taken in again by the next one.
            self._profiler = None

    def _add_all(self, profiler: Profiler) -> None:
        while decisions := self._database.decided_after(profiler.next_seq - 1, _ROWS):
            profiler.add(
                [_observation(decided, self._columns(decided.model_sha256)) for decided in decisions]
            )
            profiler.flush_when_due()


def _columns(database: Database, model_sha256: str) -> Columns:
    used = [feature for feature in database.features(model_sha256) if feature.is_used]
    words = frozenset(feature.name for feature in used if feature.is_word)
    return Columns(model_sha256[:12], tuple(feature.name for feature in used), words)


def _observation(decided: Decided, columns: Columns) -> Observation:
    return Observation(
        seq=decided.seq,
        decided_at_us=decided.decided_at_us,
        columns=columns,
        values=decided.inputs,
        probability_default=decided.probability_default,
        decision=decided.decision,
    )


def _ends(once: bool, parent: int | None, journal: Path) -> Callable[[], bool]:
    """Whether the next pass is the last.

    Alone, a signal ends it. With a parent, a signal or the parent's end means that the service stops:
    the last pass comes when no journal is live any more, or at a second signal.
    """
    received: list[int] = []
    for number in STOP_SIGNALS:
        signal.signal(number, lambda got, _: received.append(got))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def ends() -> bool:
        if once or parent is None:
            return once or bool(received)
        stopping = bool(received) or os.getppid() != parent
        return len(received) > 1 or (stopping and not live(journal))

    return ends


def _table(found: Stats) -> Table:
    table = Table(title="Recorded decisions", show_header=False)
    rows: list[tuple[str, object]] = [
        ("decisions", f"{found.decisions:,}"),
        *((f"  {decision}", f"{count:,}") for decision, count in found.by_decision.items()),
        *((f"  by {model}", f"{count:,}") for model, count in found.by_model.items()),
        ("approval rate", _shown(found.approval_rate, "{:.1%}")),
        ("mean probability of default", _shown(found.mean_probability_default, "{:.4f}")),
        ("mean latency", _shown(found.mean_latency_ms, "{:.2f} ms")),
        ("first", _time(found.first_us)),
        ("last", _time(found.last_us)),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    return table


def _shown(value: float | None, form: str) -> str:
    return "none yet" if value is None else form.format(value)


def _time(microseconds: int | None) -> str:
    if microseconds is None:
        return "none yet"
    return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    door(prog_name="python -m records")
