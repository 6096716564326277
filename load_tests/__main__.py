"""The door of load tests: `python -m load_tests --help`."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from doors import Door, Output, progress
from load_tests import surge_run, trial
from load_tests.answers import Answers, writer_for
from load_tests.applicants import Applicants, made_up_applicants, read_applicants
from load_tests.crowd import Request, send
from load_tests.locust_run import require_locust
from load_tests.outcome import Outcome, holds
from load_tests.place import WORKERS, Place, open_place
from load_tests.profile import PROFILES
from load_tests.remote import RemoteService, Reply
from load_tests.report import Taken, as_html, as_json
from load_tests.scenario import SCENARIOS
from load_tests.stage import SEED
from load_tests.surge import PHASES
from load_tests.surge_run import Loading, loaded_seconds, measure_surge
from load_tests.tally import Tally
from load_tests.trial import try_out
from profiling.clients import load_of, makers
from profiling.machine import this_machine
from profiling.origin import this_origin
from profiling.running import Server
from profiling.site import Site
from runners.source import open_bundle
from settings import Settings, read_settings

_KINDS = "; ".join(f"{name}: {scenario.meaning}" for name, scenario in SCENARIOS.items())
_DEFAULT = "shift"
_SURGE_MINUTES = 1.0
_MOST_CLIENTS = 10_000
"""Made-up ones; more applications than these come from the same clients again."""
_URL = click.option("--url", help="Address of the service; by default this machine, at PORT.")
_CONCURRENCY = click.option(
    "--concurrency", type=click.IntRange(1, 512), default=8, show_default=True, help="Clients at a time."
)


@click.group(cls=Door)
def door() -> None:
    """Traffic made on purpose, through HTTP. Every client is made up, or of a file of yours.

    The key that API_KEY holds is sent along.
    """


@door.command()
@click.option("--num-predictions", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option(
    "--delay", type=click.FloatRange(min=0), default=0.0, show_default=True, help="Seconds after each answer."
)
@click.option(
    "--drift-prob",
    type=click.FloatRange(0, 1),
    help="Share of the clients that drift; by default all when --drift names how, else none.",
)
@click.option(
    "--drift-magnitude",
    type=click.FloatRange(min=0.01),
    default=1.0,
    show_default=True,
    help="Size of the drift.",
)
@click.option(
    "--drift",
    type=click.Choice(list(SCENARIOS)),
    help=f"How they drift; by default {_DEFAULT}. At size 1, {_KINDS}.",
)
@_CONCURRENCY
@click.option(
    "--tag", help="Name that keeps this traffic apart from real traffic; without one it counts as real."
)
@click.option(
    "--clients", type=click.Path(path_type=Path), help="Features file of clients; by default made-up ones."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of clients and drift."
)
@_URL
def traffic(**asked: Any) -> None:
    """Send clients to /predict, some of them drifted. Status 1 when a request is refused."""
    plan = Plan(**asked)
    tally = asyncio.run(_traffic(plan, read_settings()))
    Console().print(_table(tally))
    sys.exit(1 if tally.refused else 0)


@dataclass(frozen=True)
class Plan:
    """What traffic was asked for."""

    num_predictions: int
    delay: float
    drift_prob: float | None
    drift_magnitude: float
    drift: str | None
    concurrency: int
    tag: str | None
    clients: Path | None
    seed: int
    url: str | None

    @property
    def drifting(self) -> float:
        """Share of the clients that drift."""
        return float(self.drift is not None) if self.drift_prob is None else self.drift_prob


async def _traffic(plan: Plan, settings: Settings) -> Tally:
    tally = Tally()
    async with _service(settings, plan.url, plan.tag, plan.concurrency) as service:
        # Who is not sent must not drift: one outlier among them would be none.
        applicants = _applicants(plan, await service.accepted_features()).first(plan.num_predictions)
        with progress(f"Sending {plan.num_predictions:,} applications") as report:

            def answered(_: int, reply: Reply) -> None:
                tally.add(reply)
                report(sum(tally.statuses.values()) / plan.num_predictions)

            await send(service, _mixed(plan, applicants), plan.concurrency, plan.delay, answered)
    return tally


def _applicants(plan: Plan, accepted: frozenset[str]) -> Applicants:
    if plan.clients is not None:
        return read_applicants(plan.clients, accepted)
    with progress("Making up clients") as report:
        return made_up_applicants(accepted, min(plan.num_predictions, _MOST_CLIENTS), plan.seed, report)


def _mixed(plan: Plan, applicants: Applicants) -> Iterator[Request]:
    """The applications in order, over and over, each one drifted with the probability asked for."""
    rng = np.random.default_rng(plan.seed)
    changes = SCENARIOS[plan.drift or _DEFAULT].changes(plan.drift_magnitude, tuple(applicants.columns))
    bodies = (applicants.bodies(), applicants.after(changes, rng).bodies())
    for i, is_drifted in enumerate(rng.random(plan.num_predictions) < plan.drifting):
        yield "/predict", bodies[int(is_drifted)][i % len(applicants)]


@door.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out", type=Output(), default=Path("answers.parquet"), show_default=True, help=".parquet or .csv."
)
@click.option(
    "--batch", type=click.IntRange(1, 1000), default=1, show_default=True, help="Clients in one request."
)
@_CONCURRENCY
@click.option("--tag", help="Name that keeps this traffic apart from real traffic.")
@_URL
def dataset(file: Path, out: Path, batch: int, concurrency: int, tag: str | None, url: str | None) -> None:
    """Have every client of a features file decided on, and write the answers in the order of the file."""
    writer_for(out)
    service = _service(read_settings(), url, tag, concurrency)
    answers = asyncio.run(_decided(service, file, batch, concurrency))
    answers.write(out)
    click.echo(f"Wrote the answers to {out}; {answers.refused:,} clients were refused.")
    sys.exit(1 if answers.refused else 0)


async def _decided(remote: RemoteService, file: Path, batch: int, concurrency: int) -> Answers:
    async with remote as service:
        applicants = read_applicants(file, await service.accepted_features())
        answers = Answers(applicants.numbers, applicants.bodies(with_numbers=True), batch)
        with progress(f"Deciding on {len(applicants):,} clients") as report:

            def answered(position: int, reply: Reply) -> None:
                answers.add(position, reply)
                report(answers.replies / answers.total)

            await send(service, answers.requests(), concurrency, 0.0, answered)
    return answers


@door.command()
@click.option(
    "--profile",
    "name",
    type=click.Choice([*PROFILES, *PHASES]),
    default="mixed",
    show_default=True,
    help="; ".join(f"{name}: {one.meaning}" for name, one in PROFILES.items())
    + "; by wrk, or where there is none by clients of our own: saturation, spike.",
)
@click.option("--minutes", type=click.FloatRange(min=0.05), help="How long; each profile has its own.")
@click.option("--web", is_flag=True, help="Show Locust's page on http://127.0.0.1:8089 meanwhile.")
@click.option("--clients", type=click.IntRange(min=20), default=500, show_default=True, help="Made up.")
@click.option(
    "--out",
    type=Output(folder=True),
    default=Path("var/load"),
    show_default=True,
    help="Folder; in it, that of the profile is made anew, with report.html, report.json and the records.",
)
def run(name: str, minutes: float | None, web: bool, clients: int, out: Path) -> None:
    """Serve the model, load it, check every answer and every record. Status 1 when a limit is broken.

    The service is one of this run's own, with an empty database; OCTROI_MODEL names its model.
    """
    if name in PROFILES:
        require_locust(with_page=web)
    elif web:
        raise click.UsageError(f"{name} is not loaded by Locust, whose page it is: leave --web away")
    settings = read_settings()
    minutes = minutes or (PROFILES[name].minutes if name in PROFILES else _SURGE_MINUTES)
    seconds = max(2, round(60 * minutes))
    surge = None if name in PROFILES else surge_run.Asked(PHASES[name], seconds, clients, makers())
    taken = Taken(this_machine().sentence, this_origin().sentence, SEED)
    bundle = open_bundle(settings.model, settings.remotes)
    with (
        open_place(out / name, bundle, settings.child_environment()) as place,
        progress(f"Load: {name}, {loaded_seconds(surge) if surge else seconds} s") as report,
    ):
        outcome: Outcome = (
            try_out(place, trial.Asked(PROFILES[name], seconds, clients, web), lambda: _url(place), report)
            if surge is None
            else measure_surge(place, surge, lambda bodies, kept: _loading(place, bodies, kept), report)
        )
        _write(place.folder, name, outcome, taken)
    for check in outcome.checks():
        click.echo(f"{'holds ' if check.holds else 'MISSED'} {check.what}: {check.measured}")
    click.echo(place.folder / "report.html")
    if not holds(outcome):
        raise click.ClickException("not every limit holds")


def _serving(place: Place) -> AbstractContextManager[Server]:
    site = Site(place.bundle.folder, place.folder, place.environment)
    return site.octroi(WORKERS, more={"OCTROI_DATA": place.data, "DATABASE_URL": place.database})


@contextmanager
def _url(place: Place) -> Iterator[str]:
    with _serving(place) as server:
        yield server.url


@contextmanager
def _loading(place: Place, bodies: Sequence[bytes], kept: Path) -> Iterator[Loading]:
    with _serving(place) as server:
        yield lambda clients, seconds: load_of(server, bodies, clients, seconds, kept)


def _write(folder: Path, name: str, outcome: Outcome, taken: Taken) -> None:
    page = as_html(name, outcome, taken, by_locust=name in PROFILES)
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "report.json").write_text(as_json(name, outcome, taken), encoding="utf-8")


def _service(settings: Settings, url: str | None, tag: str | None, connections: int) -> RemoteService:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return RemoteService(url or f"http://127.0.0.1:{settings.port}", key, tag, connections)


def _table(tally: Tally) -> Table:
    table = Table(title="Traffic", show_header=False)
    rows: list[tuple[str, str]] = [
        *((f"answered {status}", f"{count:,}") for status, count in sorted(tally.statuses.items())),
        ("asked again", f"{tally.retries:,}"),
        *((f"  {decision}", f"{count:,}") for decision, count in sorted(tally.decisions.items())),
    ]
    if tally.seconds:
        rows.append(("mean probability of default", f"{np.mean(tally.probabilities):.4f}"))
        rows += [(f"latency p{share}", f"{tally.latency_ms(share / 100):.1f} ms") for share in (50, 95, 99)]
    for name, value in rows:
        table.add_row(name, value)
    return table


if __name__ == "__main__":
    door(prog_name="python -m load_tests")
