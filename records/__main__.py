"""The door of records: `python -m records --help`."""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import structlog
from msgspec import to_builtins
from rich.console import Console

from credit.errors import DatabaseUnavailable
from doors import Door, Output, progress
from logs import log_as_json
from monitoring.files import origin_of, profile_files
from monitoring.profiles import Columns, Observation, Profiler
from records.archivist import Archivist
from records.backup import BackupRefused, back_up, sqlite_file
from records.backup import restore as restore_backup
from records.benchmark import ask, catch_up, fill
from records.client_file import load_clients
from records.database import Database, Decided
from records.election import elected
from records.export import Between, export, note_copy
from records.heads import HeadKeeper, kept_heads
from records.hours import Hours, microseconds_of
from records.moment import Moment
from records.outage import Outage
from records.sink import FORMS
from records.stats import read_stats
from records.stats_table import bench_table, hours_table, totals_table
from records.stopping import ends
from records.verify import verify as verify_chain
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
        _archive(settings, ends(once, parent, settings.journal))


@door.command()
def init() -> None:
    """Make the tables of the database, or bring them up to date."""
    with Database(read_settings().database, create=True) as database:
        done = "is ready" if database.was_migrated else "was ready already"
        click.echo(f"the database {database.name} {done}")


@door.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--since", type=Moment(), help="Leave out the hours before this time.")
@click.option("--until", type=Moment(), help="Leave out the hours from this time on.")
@click.option("--scenario", default="", help="Count this simulation instead of real traffic.")
def stats(as_json: bool, since: datetime | None, until: datetime | None, scenario: str) -> None:
    """Count the recorded decisions, by whole hours (UTC)."""
    with Database(read_settings().database) as database:
        found = read_stats(database, Hours.around(since, until), scenario)
    if as_json:
        rates = {"approval_rate": found.approval_rate, "error_rate": found.error_rate}
        click.echo(json.dumps({**asdict(found), **rates}))
        return
    title = f"Decisions of scenario {scenario}" if scenario else "Recorded decisions"
    Console().print(totals_table(found, title), hours_table(found.per_hour))


@door.command()
@click.option("--heads", type=click.Path(path_type=Path, file_okay=False), help="Folder of kept heads.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
def verify(heads: Path | None, as_json: bool) -> None:
    """Walk the chain of all records and compare it with the heads kept elsewhere. Status 1: it does not hold.

    An edit, a gap, an insertion, a decision out of its place and a cut tail are each said where they are.
    """
    settings = read_settings()
    with Database(settings.database) as database, progress("verifying") as report:
        kept = kept_heads(heads or settings.kept_heads, database.head().chain)
        found = verify_chain(database, kept, settings.signing_key, report)
    if as_json:
        click.echo(json.dumps({"holds": found.holds, **asdict(found), "head": to_builtins(found.head)}))
    else:
        for problem in found.problems:
            click.echo(problem)
        held = "the chain holds" if found.holds else "the chain does NOT hold"
        click.echo(
            f"{held}: {found.decisions:,} decisions ({found.erased:,} erased), {found.events:,} events, "
            f"compared with {found.heads:,} kept heads"
        )
    sys.exit(0 if found.holds else 1)


@door.command("export")
@click.option("--format", "form", type=click.Choice(sorted(FORMS)), default="csv", show_default=True)
@click.option("--out", type=Output(), required=True, help="File to write.")
@click.option("--since", type=Moment(), help="Leave out decisions before this time.")
@click.option("--until", type=Moment(), help="Leave out decisions from this time on.")
def export_(form: str, out: Path, since: datetime | None, until: datetime | None) -> None:
    """Copy decisions into a file, one row for each, named as in the answers.

    Simulated traffic is among them; its scenario is in a column. The records keep where copies went.
    """
    whole = Between()
    between = Between(
        whole.since_us if since is None else microseconds_of(since),
        whole.until_us if until is None else microseconds_of(until),
    )
    with Database(read_settings().database) as database, progress("exporting") as report:
        count = export(database, out, form, between, report)
    click.echo(f"{count:,} decisions are in {out}")


@door.command("load-clients")
@click.option(
    "--features",
    type=click.Path(path_type=Path),
    required=True,
    help="File that python -m features build made.",
)
def load_clients_(features: Path) -> None:
    """Take in the features of clients, so that they can be decided on by their number alone."""
    with Database(read_settings().database, create=True) as database, progress("loading clients") as report:
        count = load_clients(database, features, report)
    click.echo(f"{count:,} clients are known by number")


@door.command()
@click.option("--out", type=Output(), required=True, help="File to write.")
def backup(out: Path) -> None:
    """Copy one moment of an SQLite store, which may be in use, into a file."""
    store = sqlite_file(read_settings().database)
    with Database(read_settings().database) as database, progress("copying") as report:
        copied = back_up(store, out, report)
        note_copy(database, out, (1, copied), copied)
    click.echo(f"decisions up to number {copied:,} are in {out}")


@door.command()
@click.option("--from", "source", type=click.Path(path_type=Path), required=True, help="A backup.")
def restore(source: Path) -> None:
    """Make the SQLite store of a backup; where there is a store already, nothing is touched.

    Profiles of decisions that the backup does not have are removed, for their numbers are given again.
    """
    settings = read_settings()
    store = sqlite_file(settings.database)
    with elected(settings.journal) as alone:
        if not alone:
            raise BackupRefused("an archivist is at work in this folder: stop the service first")
        with progress("restoring") as report:
            last = restore_backup(source, store, report)
        if settings.profiles.is_dir():
            origin = origin_of(settings.profiles)
            for file in profile_files(settings.profiles):
                if file.origin == origin and file.last > last:
                    file.path.unlink()
    click.echo(f"the store has decisions up to number {last:,}")


@door.command()
@click.option("--records", type=click.IntRange(1), default=40_000, show_default=True, help="To move.")
@click.option("--decisions", type=click.IntRange(1), default=10_000_000, show_default=True, help="To count.")
@click.option("--hours", type=click.IntRange(1), default=8760, show_default=True, help="They lie in.")
@click.option("--url", help="An empty database that is filled; by default an SQLite file that goes again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def bench(records: int, decisions: int, hours: int, url: str | None, as_json: bool) -> None:
    """Measure how fast decisions reach a database, and how fast the counts of many are read."""
    with (
        TemporaryDirectory(prefix="octroi-bench-") as name,
        Database(url or f"sqlite:///{name}/octroi.db", create=True) as database,
    ):
        if database.decided_after(0, 1):
            raise BackupRefused(f"{database.name} holds decisions: name an empty database")
        with progress("moving decisions") as report:
            moved = catch_up(database, Path(name) / "journal", records, report)
        with progress("counting decisions") as report:
            fill(database, decisions, hours, report)
        took = ask(database, hours)
    if as_json:
        click.echo(json.dumps({"records_per_second": moved.per_second, **asdict(moved), "ms": took}))
    else:
        Console().print(bench_table(moved, took, decisions))


def _archive(settings: Settings, is_last: Callable[[], bool]) -> None:
    """Move and profile until *is_last*, asked before each pass, says that it is the last."""
    outage = Outage()
    database = _waited_for(settings, outage, is_last)
    archivist = Archivist(settings.journal, database)
    keeper = HeadKeeper(settings.kept_heads, settings.signing_key)
    profiling = _Profiling(settings.profiles, database)
    last = False
    # In a thread of its own: loading whylogs alone takes seconds, which no decision should wait for.
    with ThreadPoolExecutor(1) as thread:
        taking = thread.submit(profiling.take_in)
        while not last:
            last = is_last()
            failure = _move(archivist, database, outage)
            if failure is None:
                _keep_head(keeper, database, last=last)
            if taking.done():
                taking.result()
                taking = thread.submit(profiling.take_in)
        taking.result()
        profiling.take_in(last=True)
    database.close()
    if failure is not None:
        raise failure


def _move(archivist: Archivist, database: Database, outage: Outage) -> DatabaseUnavailable | None:
    """Move what there is; pause when there is nothing, or nowhere to put it, which is returned."""
    try:
        moved = archivist.move()
        outage.answered(database)
    except DatabaseUnavailable as error:
        outage.failed(error)
        time.sleep(_AFTER_FAILURE_S)
        return error
    if not moved.records:
        time.sleep(_AFTER_FAILURE_S if moved.failed else _PAUSE_S)
    return None


def _keep_head(keeper: HeadKeeper, database: Database, *, last: bool) -> None:
    try:
        keeper.keep(database.head(), last=last)
    except (DatabaseUnavailable, OSError) as error:
        # Decisions must go on; the next pass keeps the head, or says this again.
        log.error("head_not_kept", reason=str(error))


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


if __name__ == "__main__":
    door(prog_name="python -m records")
