"""How service, model, database, archivist, drift and disk stand."""

import shutil
from pathlib import Path

from credit.errors import DatabaseUnavailable
from dashboard.answer import Answer
from dashboard.light import Level, Light
from dashboard.speech import Speech
from dashboard.visit import Visit
from monitoring.drift.budget import SHARE_FOR_RETRAINING
from records.backlog import pending_bytes
from records.drift_log import KeptReport, list_reports
from records.views.newest import Newest, newest

MUCH_WAITING = 1_000_000
"""Bytes of the journal: a second's worth or two. More means that nobody fetches it."""
VERY_MUCH_WAITING = 100_000_000
LITTLE_ROOM = 0.1
VERY_LITTLE_ROOM = 0.02


def service(visit: Visit, answer: Answer) -> Light:
    """Whether decisions are made."""
    words, url = visit.speech.words.home, visit.settings.service
    if not answer.is_there:
        return Light(words.service, Level.RED, words.service_away.format(url=url), words.service_away_advice)
    if answer.not_ready_because is not None:
        fact = words.service_not_ready.format(reason=answer.not_ready_because)
        return Light(words.service, Level.RED, fact, words.service_not_ready_advice)
    return Light(words.service, Level.GREEN, words.service_ready.format(url=url))


def model(speech: Speech, answer: Answer, last: Newest | None) -> Light:
    """With what they are made; where the service does not say, with what the *last* one was."""
    words, served = speech.words.home, answer.model
    if served is None and answer.version is not None:
        fact = words.model_hidden.format(version=f"`{answer.version}`")
        return Light(words.model, Level.GREEN, fact, words.model_hidden_advice)
    if served is None and last is not None:
        told = {"version": f"`{last.model_version}`", "sha256": f"`{last.model_sha256}`"}
        return Light(words.model, Level.AMBER, words.model_recorded.format(**told), words.service_away_advice)
    if served is None:
        return Light(words.model, Level.RED, words.model_unknown, words.model_unknown_advice)
    version = f"`{served.model_version}`"
    if not served.certificate.holds:
        fact = words.model_uncertified.format(version=version)
        return Light(words.model, Level.RED, fact, words.model_uncertified_advice)
    fact = words.model_certified.format(
        version=version,
        sha256=f"`{served.model_sha256}`",
        rows=speech.whole(served.certificate.rows),
        difference=f"{served.certificate.max_difference:.1e}",
        flips=speech.whole(served.certificate.flips),
    )
    return Light(words.model, Level.GREEN, fact)


def recorded(visit: Visit) -> tuple[Light, Light, Newest | None]:
    """The database, the last drift in it, and the last decision."""
    words = visit.speech.words
    try:
        with visit.records() as database:
            made = database.head().seq
            count = made - database.first_seq() + 1
            last = newest(database)
            reports = list_reports(database, 1)
    except DatabaseUnavailable as error:
        gone = Light(words.home.database, Level.RED, f"{error}", words.common.database_gone_advice)
        return gone, drift(visit.speech, []), None
    if last is None:
        emptied = words.home.database_emptied.format(count=visit.speech.whole(made))
        fact = emptied if made else words.common.no_data
        return Light(words.home.database, Level.GREEN, fact), drift(visit.speech, reports), None
    fact = words.home.database_answers.format(
        count=visit.speech.whole(count), last=visit.speech.moment(last.decided_at_us)
    )
    return Light(words.home.database, Level.GREEN, fact), drift(visit.speech, reports), last


def backlog(visit: Visit) -> Light:
    """Whether decisions reach the database."""
    words, folder = visit.speech.words.home, visit.settings.journal
    if not folder.is_dir():
        fact = words.backlog_nowhere.format(folder=f"`{folder}`")
        return Light(words.backlog, Level.AMBER, fact, words.backlog_nowhere_advice)
    waiting = pending_bytes(folder)
    if not waiting:
        return Light(words.backlog, Level.GREEN, words.backlog_empty)
    level = Level.RED if waiting >= VERY_MUCH_WAITING else Level.AMBER
    fact = words.backlog_waits.format(bytes=visit.speech.bytes(waiting))
    if waiting < MUCH_WAITING:
        return Light(words.backlog, Level.GREEN, fact)
    return Light(words.backlog, level, fact, words.backlog_advice)


def drift(speech: Speech, reports: list[KeptReport]) -> Light:
    """What the last drift report said."""
    words = speech.words.home
    if not reports:
        return Light(words.drift, Level.AMBER, words.drift_none, words.drift_none_advice)
    last = reports[0]
    if not last.features:
        fact = words.drift_too_few.format(decisions=speech.whole(last.decisions))
        return Light(words.drift, Level.AMBER, fact, words.drift_too_few_advice)
    measured = words.drift_measured.format(
        drifted=speech.whole(last.drifted),
        features=speech.whole(last.features),
        decisions=speech.whole(last.decisions),
        time=speech.moment(last.made_at_us),
    )
    if last.alert:
        advice = words.drift_alert_advice.format(share=speech.share(SHARE_FOR_RETRAINING, 0))
        return Light(words.drift, Level.RED, f"{words.drift_alert} {measured}", advice)
    verdict = words.drift_some if last.drifted else words.drift_quiet
    return Light(words.drift, Level.GREEN, f"{verdict} {measured}")


def disk(visit: Visit) -> Light:
    """Whether there is room to record more."""
    words, speech = visit.speech.words.home, visit.speech
    folder = _first_that_is(visit.settings.data)
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    fact = words.disk_free.format(
        free=speech.bytes(usage.free),
        size=speech.bytes(usage.total),
        share=speech.share(share, 0),
        folder=f"`{folder}`",
    )
    if share >= LITTLE_ROOM:
        return Light(words.disk, Level.GREEN, fact)
    level = Level.AMBER if share >= VERY_LITTLE_ROOM else Level.RED
    return Light(words.disk, level, fact, words.disk_advice)


def _first_that_is(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.is_dir())
