"""The door of monitoring: `python -m monitoring --help`. Here records, models and drift meet."""

import math
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
import structlog
from rich.console import Console

from credit.errors import InvalidModel, OctroiError
from doors import Door, progress
from logs import log_as_json
from monitoring.drift.gathering import Decision, Gatherer
from monitoring.drift.reference import PROFILE_FILE, Reference
from monitoring.drift.report import Verdict
from monitoring.drift.span import Span, duration, moment
from monitoring.drift.subject import PREVIOUS, TRAINING, Question, Subject
from monitoring.drift.tally import Column
from monitoring.drift.window import Window
from monitoring.outcomes import Cohort, cohorts
from monitoring.reporting.document import Document
from monitoring.reporting.history import scores
from monitoring.reporting.shelf import shelve, shelve_outcomes
from monitoring.reporting.terminal import drift_table, outcome_table, trial_table
from monitoring.reporting.webhook import notify
from monitoring.trial.selftest import Examination
from records.database import Database
from records.drift_log import keep_report, kept_reports, told_before
from records.observed import Asked, settled
from records.record import Anomaly
from runners.bundle import Bundle, read_policy
from runners.onnx import OnnxScorer
from runners.source import open_bundle
from settings import Settings, read_settings

log = structlog.get_logger()

_STATUS = {Verdict.ALERT: 3, Verdict.NOT_ENOUGH_DATA: 4}
_HISTORY = 60
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
def drift(profiles: tuple[Path, ...], evidently: bool, **asked: Any) -> None:
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
        with Database(settings.database) as database:
            document = _recorded(subject, question, database)
            written = _kept(settings.reports, document, database)
            if evidently and document.comparison.features:
                stem = settings.reports / f"{document.about.name}_evidently"
                written += _second_opinion(stem, bundle, subject, question, database)
    _tell(document, written)
    sys.exit(_STATUS.get(document.comparison.verdict, 0))


@door.command()
@click.option("--every", default="15m", show_default=True, help="How often: 30s, 15m, 6h.")
@_DAYS
@click.option("--webhook", help="Address that alerts are sent to; by default OCTROI_WEBHOOK.")
@click.option("--once", is_flag=True, help="Look now, then end: for who brings a scheduler.")
def watch(every: str, days: float, webhook: str | None, once: bool) -> None:
    """Look for drift again and again; alert in the log, in the database and at a webhook."""
    settings = read_settings()
    pause = duration(every).total_seconds()
    if webhook is None and settings.webhook is not None:
        webhook = settings.webhook.get_secret_value()
    log_as_json(settings.log_level)
    while True:
        try:
            _look(settings, days, webhook)
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
    settings = read_settings()
    bundle = open_bundle(settings.model, settings.remotes)
    with Database(settings.database) as database:
        loans = settled(database, bundle.model_sha256)
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
    # Only this command needs the features' engine.
    from monitoring.trial.population import made_up_population, read_population  # noqa: PLC0415

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
    return Question(Span(moment(since) if since else end - timedelta(days=days), end), against, scenario)


def _look(settings: Settings, days: float, webhook: str | None) -> None:
    subject = _subject(settings, open_bundle(settings.model, settings.remotes))
    end = datetime.now(UTC)
    question = Question(Span(end - timedelta(days=days), end))
    with Database(settings.database) as database:
        document = _recorded(subject, question, database)
        _kept(settings.reports, document, database)
        found = document.comparison
        log.info("drift_measured", verdict=found.verdict, decisions=found.rows_now, share=found.share)
        if found.alerts:
            _alert(document, database, webhook)


def _alert(document: Document, database: Database, webhook: str | None) -> None:
    """Tell what was not told of this model on this day; however often one looks, it is one anomaly."""
    about, found = document.about, document.comparison
    head = f"drift:{about.model_sha256[:12]}:{about.until_us // 86_400_000_000}:"
    by_key = {(head + alert.message)[:300]: alert for alert in found.alerts}
    told = told_before(database, list(by_key))
    fresh = {key: alert for key, alert in by_key.items() if key not in told}
    for alert in fresh.values():
        log.warning("drift_alert", kind=alert.kind, message=alert.message, report=about.name)
    database.note(
        [
            Anomaly(happened_at_us=about.made_at_us, kind="drift", key=key, detail=alert.message)
            for key, alert in fresh.items()
        ]
    )
    if fresh and webhook and (reason := notify(webhook, document)):
        log.error("webhook_failed", reason=reason)


def _subject(settings: Settings, bundle: Bundle) -> Subject:
    """The served model, under the policy in force."""
    policy = read_policy(settings.policy) if settings.policy else bundle.policy
    return Subject(bundle.version, bundle.model_sha256, bundle.schema, policy, Reference.read(bundle.folder))


def _recorded(subject: Subject, question: Question, database: Database) -> Document:
    """The answer from the decisions in the database."""
    names = tuple(feature.name for feature in database.features(subject.sha256))
    if names and names != subject.schema.names:
        raise InvalidModel(
            f"the decisions of {subject.version} were recorded with other features than it has now"
        )
    earlier = None
    if question.against == PREVIOUS:
        earlier = _gathered(subject, _asked(subject, question, question.span.previous), database)
    asked = _asked(subject, question, question.span)
    now = _gathered(subject, asked, database)
    return subject.compared(question, earlier, now, "database", asked.count_others(database))


def _asked(subject: Subject, question: Question, span: Span) -> Asked:
    return Asked(subject.sha256, span.since_us, span.until_us, question.scenario)


def _gathered(subject: Subject, asked: Asked, database: Database) -> Window:
    total, done = asked.count(database), 0

    def counted() -> Iterator[Sequence[Decision]]:
        nonlocal done
        for batch in asked.read(database):
            yield batch
            done += len(batch)
            report(done / total)

    with progress(f"Counting {total:,} decisions") as report:
        return Gatherer(subject.reference, subject.schema).gather(counted())


def _second_opinion(
    stem: Path, bundle: Bundle, subject: Subject, question: Question, database: Database
) -> list[Path]:
    """Evidently's report of a sample of the same decisions; training rows are drawn from their profile."""
    # Most reports do without whylogs, and without Evidently's view.
    from monitoring.reporting.second_opinion import MOST_ROWS, stand_ins, write_second_opinion  # noqa: PLC0415
    from monitoring.sketch import StoredSketch  # noqa: PLC0415

    def sampled(span: Span) -> dict[str, Column]:
        asked = _asked(subject, question, span)
        every = math.ceil(asked.count(database) / MOST_ROWS)
        rows = [row for batch in asked.read(database, every) for row in batch]
        return Gatherer(subject.reference, subject.schema).columns(rows)

    if question.against == PREVIOUS:
        before = sampled(question.span.previous)
    else:
        before = stand_ins(subject.reference, StoredSketch([bundle.folder / PROFILE_FILE]), MOST_ROWS)
    with progress("Asking Evidently"):
        return write_second_opinion(stem, subject.reference, before, sampled(question.span))


def _kept(reports: Path, document: Document, database: Database) -> list[Path]:
    """Write the report to disk and into the database; where on disk."""
    about, found = document.about, document.comparison
    earlier = kept_reports(database, about.model_sha256, _HISTORY)
    written = shelve(reports, document, scores(earlier, about))
    keep_report(
        database,
        {
            "made_at_us": about.made_at_us,
            "since_us": about.since_us,
            "until_us": about.until_us,
            "model_sha256": about.model_sha256,
            "decisions": found.rows_now,
            "features": len(found.features),
            "drifted": len(found.drifted),
            "alert": bool(found.alerts),
            "report": document.to_json().decode(),
        },
    )
    return written


def _tell(document: Document, written: list[Path]) -> None:
    found = document.comparison
    click.echo(f"{found.verdict}: {found.rows_now:,} decisions compared with {found.rows_before:,}")
    for alert in found.alerts:
        click.echo(f"  alert: {alert.message}")
    if found.drifted:
        Console().print(drift_table(found))
    for path in written:
        click.echo(path)


def _outcome_status(found: list[Cohort]) -> int:
    if any(cohort.concept_drift for cohort in found):
        return 3
    return 0 if any(cohort.default_rate for cohort in found) else 4


if __name__ == "__main__":
    door(prog_name="python -m monitoring")
