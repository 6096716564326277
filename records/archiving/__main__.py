"""The archivist at work: `python -m records archive`. Here journals, database and profiles meet."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path

import click
import msgspec
import structlog

from credit.errors import DatabaseUnavailable
from logs import log_as_json
from monitoring.files import ProfileFile, origin_of, profile_files
from monitoring.profiles import Columns, Observation, Profiler, forget_set_aside, rebuild
from records.archivist import Archivist
from records.chain import ERASURE
from records.database import Database, Decided, Removal
from records.durable import publish
from records.election import elected
from records.erasure import FORGOTTEN, forgotten
from records.heads import HeadKeeper
from records.outage import Outage
from records.stopping import ends
from records.verify import Erased, Retained
from settings import Settings, read_settings

log = structlog.get_logger()

_PAUSE_S = 0.2
_AFTER_FAILURE_S = 1.0
_ROWS = 1000
_NICENESS = 5
"""Of one that a worker started: while both want the same processor, it has a third of the worker's share."""


@click.command("archive")
@click.option("--once", is_flag=True, help="Move what is there now, then end.")
@click.option("--parent", type=int, help="Process that started this one: stay until every journal is closed.")
def door(once: bool, parent: int | None) -> None:
    """Move decisions from the journals into the database and into the profiles.

    One archivist works on a host; a second one says so and ends.
    """
    if parent is not None:
        with suppress(PermissionError):  # a courtesy, which a sandbox may forbid
            os.nice(_NICENESS)  # of this thread, and of all that it starts
    settings = read_settings()
    log_as_json(settings.log_level)
    with elected(settings.journal) as alone:
        if not alone:
            # Two workers may start one at the same time; whom nobody started is told.
            if parent is None:
                click.echo("another archivist is at work in this folder", err=True)
            return
        log.info("archivist_started")
        archive(settings, ends(once, parent, settings.journal))


def archive(settings: Settings, is_last: Callable[[], bool]) -> None:
    """Move and profile until *is_last*, asked before each pass, says that it is the last."""
    outage = Outage()
    database = _waited_for(settings, outage, is_last)
    archivist = Archivist(settings.journal, database)
    heads = _Heads(HeadKeeper(settings.kept_heads, settings.signing_key), database)
    profiling = Profiling(settings.profiles, database)
    last = False
    # In a thread of its own: loading whylogs alone takes seconds, which no decision should wait for.
    with ThreadPoolExecutor(1) as thread:
        taking = thread.submit(profiling.take_in)
        while not last:
            last = is_last()
            failure = _move(archivist, database, outage)
            if failure is None:
                heads.keep(last=last)
            if taking.done():
                taking.result()
                taking = thread.submit(profiling.take_in)
        taking.result()
        profiling.take_in(last=True)
    database.close()
    if failure is not None:
        raise failure


def _move(archivist: Archivist, database: Database, outage: Outage) -> DatabaseUnavailable | OSError | None:
    """Move what there is; pause when there is nothing, or nowhere to put it, which is returned."""
    try:
        moved = archivist.move()
        outage.answered(database)
    except DatabaseUnavailable as error:
        outage.failed(error)
        time.sleep(_AFTER_FAILURE_S)
        return error
    except OSError as error:
        # The disk is full, or the folder gone: what is in the journals stays there.
        log.error("not_moved", reason=str(error))
        time.sleep(_AFTER_FAILURE_S)
        return error
    if not moved.records:
        time.sleep(_AFTER_FAILURE_S if moved.failed else _PAUSE_S)
    return None


class _Heads:
    """Keeps the chain's head after each pass; decisions go on while that fails, which is said once."""

    def __init__(self, keeper: HeadKeeper, database: Database) -> None:
        self._keeper = keeper
        self._database = database
        self._failing = False

    def keep(self, *, last: bool) -> None:
        try:
            self._keeper.keep(self._database.head(), last=last)
            self._failing = False
        except (DatabaseUnavailable, OSError) as error:
            if not self._failing:
                log.error("head_not_kept", reason=str(error))
            self._failing = True


def _waited_for(settings: Settings, outage: Outage, is_last: Callable[[], bool]) -> Database:
    """The database, with its tables, as soon as it answers."""
    while True:
        try:
            return Database(settings.database, create=True)
        except DatabaseUnavailable as error:
            if is_last():
                raise
            outage.failed(error)
            time.sleep(_AFTER_FAILURE_S)


class Profiling:
    """Takes what is in the database and in no profile yet into one; a failure is logged and tried again."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._columns = cache(lambda model: _columns(database, model))
        self._profiler: Profiler | None = None
        self._forgotten: int | None = None

    def take_in(self, *, last: bool = False) -> None:
        try:
            self._add_all(self._profiler or self._opened())
            self._forget()
            if last:
                self._opened().flush()
            else:
                self._opened().flush_when_due()
        except (DatabaseUnavailable, OSError) as error:
            log.error("not_profiled", reason=str(error))
            # What it had not written is taken in again by the next one.
            self._profiler = None

    def _opened(self) -> Profiler:
        if self._profiler is None:
            self._profiler = Profiler(self._folder, begin=self._database.first_seq())
        return self._profiler

    def _add_all(self, profiler: Profiler) -> None:
        while decisions := self._database.decided_after(profiler.next_seq - 1, _ROWS):
            profiler.add(self._observations(decisions))
            profiler.flush_when_due()

    def _observations(self, decisions: list[Decided]) -> list[Observation]:
        return [_observation(decided, self._columns(decided.model_sha256)) for decided in decisions]

    def _forget(self) -> None:
        """Write anew, without what an erasure or a retention took away, the profiles that it touches."""
        if self._forgotten is None:
            self._forgotten = forgotten(self._folder)
        removals = self._database.removals_after(self._forgotten)
        if not removals:
            return
        # The profile that is still growing holds values as well: it is written, and begun anew after.
        self._opened().flush()
        self._profiler = None
        for removal in removals:
            self._forget_one(removal)
        forget_set_aside(self._folder)
        last = removals[-1].event
        unfinished = self._folder / f"{FORGOTTEN}.new"
        unfinished.write_text(str(last))
        publish(unfinished, self._folder / FORGOTTEN)
        self._forgotten = last
        log.info("profiles_rebuilt", up_to_event=last)

    def _forget_one(self, removal: Removal) -> None:
        origin = origin_of(self._folder)
        files = [file for file in profile_files(self._folder) if file.origin == origin]
        if removal.kind == ERASURE:
            runs = msgspec.json.decode(removal.body, type=Erased).decisions
            touched = [
                file
                for file in files
                if any(first <= file.last and file.first <= last for first, last in runs)
            ]
        else:
            end = msgspec.json.decode(removal.body, type=Retained).seq
            touched = [file for file in files if file.first <= end]
            # The newest stays, if empty, to say where to go on.
            for file in [file for file in touched if file.last <= end and file is not files[-1]]:
                file.path.unlink()
                touched.remove(file)
        for file in touched:
            self._rebuild(file)

    def _rebuild(self, file: ProfileFile) -> None:
        def batches() -> Iterator[list[Observation]]:
            after = file.first - 1
            while decisions := self._database.decided_after(after, _ROWS, until=file.last):
                yield self._observations([one for one in decisions if one.inputs is not None])
                after = decisions[-1].seq

        rebuild(file, batches())


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


if __name__ == "__main__":
    door(prog_name="python -m records archive")
