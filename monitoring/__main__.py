"""The door of monitoring: `python -m monitoring --help`. Here records, models and drift meet."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
import sqlalchemy as sa
import structlog
from rich.console import Console

from credit.errors import InvalidModel, OctroiError
from doors import Door, progress
from logs import log_as_json
from monitoring.concept.__main__ import door as outcomes
from monitoring.drift.document import Document
from monitoring.drift.gathering import Decision, Gatherer
from monitoring.drift.history import scores
from monitoring.drift.reference import Reference
from monitoring.drift.report import Verdict
from monitoring.drift.selftest import Examination
from monitoring.drift.shelf import shelve
from monitoring.drift.span import Span, duration, moment
from monitoring.drift.subject import PREVIOUS, TRAINING, Question, Subject
from monitoring.drift.terminal import drift_table, trial_table
from monitoring.drift.webhook import notify
from monitoring.drift.window import Window
from records.database import Database
from records.record import Anomaly
from records.tables import anomalies, drift_reports, prediction_inputs, predictions
from runners.bundle import read_policy
from runners.onnx import OnnxScorer
from runners.source import open_bundle
from settings import Settings, read_settings

log = structlog.get_logger()

_STATUS = {Verdict.ALERT: 3, Verdict.NOT_ENOUGH_DATA: 4}
_ROWS = 5000
_HISTORY = 60
_CLIENTS = 20_000
_INPUTS = msgspec.json.Decoder(list[float | str | None])


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


door.add_command(outcomes)


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
def drift(
    days: float,
    since: str | None,
    until: str | None,
    against: str,
    scenario: str | None,
    profiles: tuple[Path, ...],
) -> None:
    """Compare the recorded decisions with what the model was trained on.

    Writes a page and its JSON into the folder of reports. Status: 0 no alert, 3 alert, 4 not enough data.
    """
    settings = read_settings()
    end = moment(until) if until else datetime.now(UTC)
    span = Span(moment(since) if since else end - timedelta(days=days), end)
    question, subject = Question(span, against, scenario), _subject(settings)
    if profiles:
        document = subject.from_profiles(question, profiles)
        written = shelve(settings.reports, document, [])
    else:
        database = Database(settings.database)
        document = _from_database(subject, question, database)
        written = _kept(settings.reports, document, database)
    _tell(document, written)
    sys.exit(_STATUS.get(document.comparison.verdict, 0))


@door.command()
@click.option("--every", default="15m", show_default=True, help="How often: 30s, 15m, 6h.")
@_DAYS
@click.option("--webhook", help="Address that alerts are sent to.")
@click.option("--once", is_flag=True, help="Look now, then end: for who brings a scheduler.")
def watch(every: str, days: float, webhook: str | None, once: bool) -> None:
    """Look for drift again and again; alert in the log, in the database and at a webhook."""
    settings = read_settings()
    pause = duration(every).total_seconds()
    log_as_json(settings.log_level)
    while True:
        try:
            _look(settings, days, webhook)
        except OctroiError as error:
            # A database that is down, or a model being replaced: it may be back at the next look.
            log.error("drift_not_measured", reason=str(error))
            if once:
                raise
        if once:
            return
        time.sleep(pause)


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
    from monitoring.drift.population import made_up_population, read_population  # noqa: PLC0415

    settings = read_settings()
    subject = _subject(settings)
    score = OnnxScorer(open_bundle(settings.model).certified_onnx()).score
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


def _look(settings: Settings, days: float, webhook: str | None) -> None:
    subject = _subject(settings)
    database = Database(settings.database)
    end = datetime.now(UTC)
    try:
        document = _from_database(subject, Question(Span(end - timedelta(days=days), end)), database)
        _kept(settings.reports, document, database)
        found = document.comparison
        log.info("drift_measured", verdict=found.verdict, decisions=found.rows_now, share=found.share)
        if found.alerts:
            _alert(document, database, webhook)
    finally:
        database.close()


def _alert(document: Document, database: Database, webhook: str | None) -> None:
    """Tell what was not told of this model on this day; however often one looks, it is one anomaly."""
    about, found = document.about, document.comparison
    head = f"drift:{about.model_sha256[:12]}:{about.until_us // 86_400_000_000}:"
    by_key = {(head + alert.message)[:300]: alert for alert in found.alerts}
    told = {key for (key,) in database.rows(sa.select(anomalies.c.key).where(anomalies.c.key.in_(by_key)))}
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


def _subject(settings: Settings) -> Subject:
    """The served model, under the policy in force."""
    bundle = open_bundle(settings.model)
    policy = read_policy(settings.policy) if settings.policy else bundle.policy
    return Subject(bundle.version, bundle.model_sha256, bundle.schema, policy, Reference.read(bundle.folder))


def _from_database(subject: Subject, question: Question, database: Database) -> Document:
    names = tuple(feature.name for feature in database.features(subject.sha256))
    if names and names != subject.schema.names:
        raise InvalidModel(
            f"the decisions of {subject.version} were recorded with other features than it has now"
        )
    earlier = None
    if question.against == PREVIOUS:
        earlier = _gathered(subject, question.span.previous, question.scenario, database)
    now = _gathered(subject, question.span, question.scenario, database)
    return subject.compared(question, earlier, now, "database", _others(subject, question, database))


def _gathered(subject: Subject, span: Span, scenario: str | None, database: Database) -> Window:
    query = (
        sa.select(predictions.c.probability_default, prediction_inputs.c.inputs)
        .join(prediction_inputs, prediction_inputs.c.seq == predictions.c.seq)
        .where(_within(span, scenario), predictions.c.model_sha256 == subject.sha256)
    )
    ((total,),) = database.rows(sa.select(sa.func.count()).select_from(query.subquery()))
    with progress(f"Counting {total:,} decisions") as report, database.reading() as connection:

        def batches() -> Iterator[list[Decision]]:
            result = connection.execute(query.execution_options(yield_per=_ROWS))
            for number, rows in enumerate(result.partitions(), start=1):
                yield [(answer, _INPUTS.decode(inputs)) for answer, inputs in rows]
                report(min(1.0, number * _ROWS / total))

        return Gatherer(subject.reference, subject.schema).gather(batches())


def _within(span: Span, scenario: str | None) -> sa.ColumnElement[bool]:
    at, name = predictions.c.decided_at_us, predictions.c.scenario
    tagged = name.is_(None) if scenario is None else name == scenario
    return sa.and_(at >= span.since_us, at < span.until_us, tagged)


def _others(subject: Subject, question: Question, database: Database) -> int:
    """Decisions of the same time by other models."""
    others = predictions.c.model_sha256 != subject.sha256
    query = sa.select(sa.func.count()).where(_within(question.span, question.scenario), others)
    return int(database.rows(query)[0][0])


def _kept(reports: Path, document: Document, database: Database) -> list[Path]:
    """Write the report to disk and into the database; where on disk."""
    about, found = document.about, document.comparison
    written = shelve(reports, document, scores(_reports_of(about.model_sha256, database), about))
    with database.writing() as connection:
        connection.execute(
            sa.insert(drift_reports).values(
                made_at_us=about.made_at_us,
                since_us=about.since_us,
                until_us=about.until_us,
                model_sha256=about.model_sha256,
                decisions=found.rows_now,
                features=len(found.features),
                drifted=len(found.drifted),
                alert=bool(found.alerts),
                report=document.to_json().decode(),
            )
        )
    return written


def _reports_of(model_sha256: str, database: Database) -> list[str]:
    """The last reports of a model that had enough data."""
    query = (
        sa.select(drift_reports.c.report)
        .where(drift_reports.c.model_sha256 == model_sha256, drift_reports.c.features > 0)
        .order_by(drift_reports.c.made_at_us.desc())
        .limit(_HISTORY)
    )
    return [report for (report,) in database.rows(query)]


def _tell(document: Document, written: list[Path]) -> None:
    found = document.comparison
    click.echo(f"{found.verdict}: {found.rows_now:,} decisions compared with {found.rows_before:,}")
    for alert in found.alerts:
        click.echo(f"  alert: {alert.message}")
    if found.drifted:
        Console().print(drift_table(found))
    for path in written:
        click.echo(path)


if __name__ == "__main__":
    door(prog_name="python -m monitoring")
