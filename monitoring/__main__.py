"""The door of monitoring: `python -m monitoring --help`. Here records, models and drift meet."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from rich.console import Console

from credit.errors import OctroiError
from doors import Door, progress
from monitoring.drift.recorded import Records, compare_recorded, sampled
from monitoring.drift.reference import PROFILE_FILE, Reference
from monitoring.drift.report import Verdict
from monitoring.drift.span import Span, duration, moment
from monitoring.drift.subject import PREVIOUS, TRAINING, Question, Subject
from monitoring.reporting.document import Document
from monitoring.reporting.history import scores
from monitoring.reporting.shelf import prune, shelve, shelve_outcomes
from monitoring.reporting.terminal import drift_table, outcome_table, trial_table
from runners.bundle import Bundle, read_policy
from runners.source import open_bundle
from settings import Settings, read_settings

if TYPE_CHECKING:
    from monitoring.outcomes import Cohort
    from monitoring.reporting.alarm import Alarm
    from records.drift_log import DriftLog
    from records.observed import Observed

_STATUS = {Verdict.ALERT: 3, Verdict.NOT_ENOUGH_DATA: 4}
_HISTORY = 60
_REPORTS = 200
"""On disk: two days of looking every quarter of an hour; of older ones, the database has what matters."""
_WHOLE_DAYS = timedelta(days=7)
"""So long the database keeps every report; of older days, the last one and those that alerted."""
_CLIENTS = 20_000
_DAYS = click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True),
    default=7.0,
    show_default=True,
    help="How far back.",
)


@click.group(cls=Door)
def door() -> None:
    """What the decisions look like over time, and whether that is what the model was made for."""


@door.command()
@_DAYS
@click.option("--since", help="Begin here instead: 2026-11-24 or 2026-11-24T10:00:00Z.")
@click.option("--until", help="End here; by default now.")
@click.option(
    "--against",
    type=click.Choice([TRAINING, PREVIOUS]),
    default=TRAINING,
    show_default=True,
    help="Compare with the training rows, or with the time of the same length before.",
)
@click.option("--scenario", help="Look at the simulated traffic of this name; by default at real traffic.")
@click.option(
    "--profiles",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    multiple=True,
    help="Read the profiles in this folder instead of the database; several folders are of several hosts.",
)
@click.option("--evidently", is_flag=True, help="Write Evidently's report of a sample as well.")
@click.option("--if-none", is_flag=True, help="Only when no report about this model was kept before.")
def drift(profiles: tuple[Path, ...], evidently: bool, if_none: bool, **asked: Any) -> None:
    """Compare the recorded decisions with what the model was trained on.

    Writes a page and its JSON into the folder of reports. Status: 0 no alert, 3 alert, 4 not enough data.
    """
    settings, question = read_settings(), _question(**asked)
    bundle = open_bundle(settings.model, settings.remotes)
    subject = _subject(settings, bundle)
    if profiles:
        if evidently:
            raise click.UsageError("Evidently compares decisions, not profiles: leave out --profiles")
        document = subject.from_profiles(question, profiles)
        written = shelve(settings.reports, document, [])
    else:
        with _records(settings, bundle, question.scenario) as (records, diary):
            if if_none and diary.kept(1):
                return
            document = compare_recorded(subject, question, records, progress)
            written = _kept(settings.reports, document, diary)
            if evidently and document.comparison.features:
                stem = settings.reports / f"{document.about.name}_evidently"
                written += _second_opinion(stem, bundle, subject, question, records)
    _tell(document, written)
    sys.exit(_STATUS.get(document.comparison.verdict, 0))


@door.command()
@click.option("--every", default="15m", show_default=True, help="How often: 30s, 15m, 6h.")
@_DAYS
@click.option("--webhook", help="Address that alerts are sent to; by default OCTROI_WEBHOOK.")
@click.option("--once", is_flag=True, help="Look now, then end: for who brings a scheduler.")
def watch(every: str, days: float, webhook: str | None, once: bool) -> None:
    """Look for drift again and again; alert in the log, in the database and at a webhook."""
    # Who compares profiles once waits for no log and no client of HTTP.
    import structlog  # noqa: PLC0415

    from logs import log_as_json  # noqa: PLC0415
    from monitoring.reporting.alarm import Alarm  # noqa: PLC0415

    settings = read_settings()
    pause = duration(every).total_seconds()
    if webhook is None and settings.webhook is not None:
        webhook = settings.webhook.get_secret_value()
    log_as_json(settings.log_level)
    log, alarm = structlog.get_logger(), Alarm(webhook, settings.reports)
    while True:
        try:
            found = _look(settings, days, alarm).comparison
            log.info("drift_measured", verdict=found.verdict, decisions=found.rows_now, share=found.share)
        except (OctroiError, OSError) as error:
            # A database that is down, a model being replaced, a full disk: it may be over at the next look.
            log.error("drift_not_measured", reason=str(error))
            if once:
                raise
        if once:
            return
        time.sleep(pause)


@door.command()
def outcomes() -> None:
    """Compare what became of approved loans with what the model expected, by month of decision.

    A gap that chance does not explain is concept drift: clients pay otherwise than those of training did,
    however alike they look. Status: 0 none, 3 concept drift, 4 not enough outcomes.
    """
    # Only this command needs the distributions of SciPy.
    from monitoring.outcomes import cohorts  # noqa: PLC0415

    settings = read_settings()
    bundle = open_bundle(settings.model, settings.remotes)
    with _records(settings, bundle) as (records, _):
        loans = records.settled()
    found = cohorts(
        [datetime.fromtimestamp(decided_at_us / 1e6, UTC).strftime("%Y-%m") for decided_at_us, _, _ in loans],
        np.array([probability for _, probability, _ in loans], dtype=np.float64),
        np.array([defaulted for _, _, defaulted in loans], dtype=np.bool_),
    )
    Console().print(outcome_table(found))
    click.echo(shelve_outcomes(settings.reports, bundle.version, found))
    sys.exit(_outcome_status(found))


@door.command()
@click.option(
    "--clients",
    "clients_file",
    type=click.Path(path_type=Path),
    help="Features file of clients the model has not seen; by default made-up ones.",
)
@click.option("--windows", type=click.IntRange(min=1), default=200, show_default=True, help="Of each kind.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="How many seeds to try."
)
def selftest(clients_file: Path | None, windows: int, seeds: int) -> None:
    """Show that the drift report finds drift when there is drift, and only then.

    Windows without drift may alert in 1 % of cases, at each of four sizes; drift that a lender would care
    about must be named in 95 % of windows of 1,000 clients. Status 1 when either does not hold.
    """
    # Only this command needs the features' engine and the model's.
    from monitoring.trial.population import made_up_population, read_population  # noqa: PLC0415
    from monitoring.trial.selftest import Examination  # noqa: PLC0415
    from runners.onnx import OnnxScorer  # noqa: PLC0415

    settings = read_settings()
    bundle = open_bundle(settings.model, settings.remotes)
    subject, score = _subject(settings, bundle), OnnxScorer(bundle.certified_onnx()).score
    if clients_file is None:
        with progress("Making up clients") as report:
            population = made_up_population(subject, score, _CLIENTS, report)
    else:
        population = read_population(clients_file, subject, score)
    with progress(f"Trying {windows} windows of each kind") as report:
        examination = Examination(subject.reference, population, subject.policy, windows)
        trials = examination.run(range(1, seeds + 1), report)
    Console(width=160).print(trial_table(trials))
    sys.exit(0 if all(trial.holds for trial in trials) else 1)


def _question(
    days: float, since: str | None, until: str | None, against: str, scenario: str | None
) -> Question:
    end = moment(until) if until else datetime.now(UTC)
    span = Span(moment(since), end) if since else Span.until_then(end, days)
    return Question(span, against, scenario)


def _look(settings: Settings, days: float, alarm: "Alarm") -> Document:
    bundle = open_bundle(settings.model, settings.remotes)
    question = Question(Span.until_then(datetime.now(UTC), days))
    with _records(settings, bundle) as (records, diary):
        document = compare_recorded(_subject(settings, bundle), question, records, progress)
        # A full disk must not keep anybody from hearing of it.
        alarm.raise_for(document, diary)
        _kept(settings.reports, document, diary)
        diary.thin(document.about.made_at_us - _WHOLE_DAYS // timedelta(microseconds=1))
    prune(settings.reports, _REPORTS)
    return document


@contextmanager
def _records(
    settings: Settings, bundle: Bundle, scenario: str | None = None
) -> Iterator[tuple["Observed", "DriftLog"]]:
    """A model's decisions in the database, and what was found about them."""
    # Profiles are compared within a second; the database's library alone takes a third of one to load.
    from records.database import Database  # noqa: PLC0415
    from records.drift_log import DriftLog  # noqa: PLC0415
    from records.observed import Observed  # noqa: PLC0415

    with Database(settings.database) as database:
        yield Observed(database, bundle.model_sha256, scenario), DriftLog(database, bundle.model_sha256)


def _subject(settings: Settings, bundle: Bundle) -> Subject:
    """The served model, under the policy in force."""
    policy = read_policy(settings.policy) if settings.policy else bundle.policy
    return Subject(bundle.version, bundle.model_sha256, bundle.schema, policy, Reference.read(bundle.folder))


def _second_opinion(
    stem: Path, bundle: Bundle, subject: Subject, question: Question, records: Records
) -> list[Path]:
    """Evidently's report of a sample of the same decisions; training rows are drawn from their profile."""
    # Only who asks for Evidently's view waits for what it needs.
    from monitoring.reporting.second_opinion import MOST_ROWS, stand_ins, write_second_opinion  # noqa: PLC0415
    from monitoring.sketch import StoredSketch  # noqa: PLC0415

    if question.against == PREVIOUS:
        before = sampled(subject, question.span.previous, records, MOST_ROWS)
    else:
        before = stand_ins(subject.reference, StoredSketch([bundle.folder / PROFILE_FILE]), MOST_ROWS)
    with progress("Asking Evidently"):
        return write_second_opinion(
            stem, subject.reference, before, sampled(subject, question.span, records, MOST_ROWS)
        )


def _kept(reports: Path, document: Document, diary: "DriftLog") -> list[Path]:
    """Write the report to disk and into the database; where on disk."""
    about, found = document.about, document.comparison
    earlier = scores(diary.kept(_HISTORY), about)
    diary.keep(
        {
            "made_at_us": about.made_at_us,
            "since_us": about.since_us,
            "until_us": about.until_us,
            "decisions": found.rows_now,
            "features": len(found.features),
            "drifted": len(found.drifted),
            "alert": bool(found.alerts),
            "report": document.to_json().decode(),
        }
    )
    return shelve(reports, document, earlier)


def _tell(document: Document, written: list[Path]) -> None:
    found = document.comparison
    click.echo(f"{found.verdict}: {found.rows_now:,} decisions compared with {found.rows_before:,}")
    for alert in found.alerts:
        click.echo(f"  alert: {alert.message}")
    if found.drifted:
        Console().print(drift_table(found))
    for path in written:
        click.echo(path)


def _outcome_status(found: "list[Cohort]") -> int:
    if any(cohort.concept_drift for cohort in found):
        return 3
    return 0 if any(cohort.default_rate for cohort in found) else 4


if __name__ == "__main__":
    door(prog_name="python -m monitoring")
