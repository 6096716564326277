"""The door of records: `python -m records --help`."""

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec import to_builtins
from rich.console import Console

from credit.errors import InvalidModel
from doors import Door, Output, progress
from monitoring.files import origin_of, profile_files
from records.archiving.__main__ import door as archive
from records.backup import BackupRefused, back_up, sqlite_file
from records.backup import restore as restore_backup
from records.benchmark import ask, catch_up, fill, find, walk
from records.client_file import load_clients
from records.database import Database
from records.election import elected
from records.erasure import FORGOTTEN, Erasure, Places, erase_client, finish, settle
from records.export import Between, export, note_copy
from records.heads import kept_heads, supersede
from records.hours import DAY, HOUR_US, Hours, microseconds_of
from records.maturity import Matured, read_matured
from records.moment import Moment
from records.outcomes import load
from records.replaying.__main__ import door as replay
from records.retention import delete_older
from records.sink import FORMS
from records.stats import read_stats
from records.stats_table import bench_table, hours_table, matured_table, totals_table
from records.supervisor import archive_once
from records.verify import verify as verify_chain
from runners.bundle import read_policy
from runners.source import open_bundle
from settings import read_settings

_PATIENCE_S = 60.0
"""For workers to begin new journals, and for the archivist to take in the old ones."""


@click.group(cls=Door)
def door() -> None:
    """What was decided: the archivist and the database."""


door.add_command(archive)
door.add_command(replay)


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
        matured = read_matured(database, Hours.around(since, until), scenario)
    cost = _cost(matured)
    if as_json:
        rates = {"approval_rate": found.approval_rate, "error_rate": found.error_rate}
        over = {**asdict(matured), "default_rate": matured.default_rate, "cost_of_false_negatives": cost}
        click.echo(json.dumps({**asdict(found), **rates, "approved_and_matured": over}))
        return
    title = f"Decisions of scenario {scenario}" if scenario else "Recorded decisions"
    Console().print(totals_table(found, title), hours_table(found.per_hour), matured_table(matured, cost))


def _cost(matured: Matured) -> float | None:
    """What the approved loans that defaulted cost, by the policy in force; `None` where none is known."""
    if not matured.loans:
        return None
    settings = read_settings()
    try:
        policy = (
            read_policy(settings.policy)
            if settings.policy
            else open_bundle(settings.model, settings.remotes).policy
        )
    except InvalidModel:
        # Records are read on machines that have no model, too.
        return None
    return policy.costs.fn * matured.defaulted


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


@door.command()
@click.option("--client", type=click.IntRange(1), help="Number of the client whose data go.")
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS", help="Age of the decisions that go.")
def erase(client: int | None, older_than: float | None) -> None:
    """Erase the data of a client, or all decisions older than some days.

    A client's decisions stay, without inputs, amounts and number. What waits in the journals is archived
    first, the profiles it touches are made anew, and the chain says what went.
    """
    if (client is None) == (older_than is None):
        raise click.UsageError("say either --client or --older-than")
    settings = read_settings()
    places = Places(settings.journal, settings.profiles)

    def archive_here() -> None:
        archive_once(settings.journal, settings.child_environment())

    with Database(settings.database) as database:
        if client is not None:
            _told(erase_client(database, places, client, archive_here, _PATIENCE_S))
        else:
            before_us = time.time_ns() // 1000 - int((older_than or 0) * DAY * HOUR_US)
            deadline = time.monotonic() + _PATIENCE_S
            settle(places, archive_here, deadline)
            with progress("deleting") as report:
                gone = delete_older(database, before_us, report)
            finish(database, places, gone.event, archive_here, time.monotonic() + _PATIENCE_S)
            click.echo(f"{gone.decisions:,} decisions are deleted; the first kept is {gone.first_kept:,}")


def _told(erased: Erasure) -> None:
    known = "its features are" if erased.known_client else "no features were"
    click.echo(f"{erased.decisions:,} decisions have lost the client's data; {known} known by number no more")
    for path in erased.exports:
        click.echo(f"delete the client from {path}: it was written from these decisions")
    for path in erased.unreadable:
        click.echo(f"nobody can read {path}, which may hold the data of anybody")


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


@door.group()
def outcomes() -> None:
    """What became of the loans."""


@outcomes.command("load")
@click.argument("file", type=click.Path(path_type=Path))
def load_outcomes(file: Path) -> None:
    """Take in the outcomes in FILE: a CSV of decision_id, outcome (repaid or defaulted) and date."""
    with Database(read_settings().database) as database, progress("loading outcomes") as report:
        told = load(database, file, report)
    click.echo(
        f"{told.new:,} outcomes are new, {told.corrected:,} corrected, {told.unchanged:,} as they were"
    )


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
            # Its events may be given other numbers from now on.
            (settings.profiles / FORGOTTEN).unlink(missing_ok=True)
        with Database(settings.database, create=True) as database:
            later = supersede(settings.kept_heads, database.head())
    click.echo(f"the store has decisions up to number {last:,}")
    if later:
        click.echo(f"{later:,} heads that were kept after the backup are set aside in {settings.kept_heads}")


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
        with progress("walking the chain") as report:
            walked = walk(database, report)
        with progress("finding clients") as report:
            found_us = find(database, report)
        with progress("counting decisions") as report:
            fill(database, decisions, hours, report)
        took = ask(database, hours)
    if as_json:
        told = {"records_per_second": moved.per_second, "verified_per_second": walked, "client_us": found_us}
        click.echo(json.dumps({**told, **asdict(moved), "ms": took}))
    else:
        Console().print(bench_table(moved, walked, found_us, took, decisions))


if __name__ == "__main__":
    door(prog_name="python -m records")
