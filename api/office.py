"""Everything one worker opens at its start and closes at its end."""

import asyncio
import gc
from dataclasses import dataclass, replace

import structlog
from bentoml import get_current_service

from api.answer import Answer, BatchAnswer
from api.archive import Archive
from api.binding import listening, require_loopback
from api.decided import Request
from api.desk import Desk
from api.lookup import Lookup
from api.model import ServedModel, open_model
from api.reader import ApplicationReader
from api.recollection import Recollection
from api.repetition import Repetition
from credit.errors import OctroiError
from records.erasure import Places
from records.error_log import ErrorLog
from records.journal import JOURNAL_FORMAT, Journal
from records.record import SegmentHeader
from records.supervisor import Supervisor
from settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Office:
    """A worker that can decide."""

    model: ServedModel
    reader: ApplicationReader
    desk: Desk
    errors: ErrorLog
    archive: Archive
    lookup: Lookup
    repetition: Repetition
    supervisor: Supervisor | None

    async def decide(self, request: Request) -> Answer | BatchAnswer:
        """The recorded answer to *request*, after looking up whoever sent a number alone."""
        if any(application.is_number_alone for application in request.applications):
            found = await asyncio.to_thread(
                self.lookup.completed, request.applications, is_single=request.is_single
            )
            request = replace(request, applications=tuple(found))
        return await self.desk.decide(request)

    def close(self) -> None:
        """Answer what is running; the archivist writes what is left."""
        self.errors.close()
        self.desk.close()
        self.archive.close()
        self.repetition.close()
        if self.supervisor is not None:
            self.supervisor.close()


@dataclass(frozen=True)
class ClosedOffice:
    """A worker that cannot decide, and says why."""

    reason: OctroiError

    def close(self) -> None:
        """Nothing was opened."""


def current_office() -> Office | ClosedOffice:
    """The office of the service that runs in this process."""
    office: Office | ClosedOffice = get_current_service().office
    return office


def working_office() -> Office:
    """The office of this process; the reason is raised when it is closed."""
    office = current_office()
    if isinstance(office, ClosedOffice):
        # One exception for many requests: it must not keep the frames, and bodies, of them all.
        raise office.reason.with_traceback(None)
    return office


def open_office(settings: Settings) -> Office | ClosedOffice:
    """A worker's office; closed, with the reason, when there is no certified model."""
    try:
        if not settings.keys:
            require_loopback(listening())
        model = open_model(settings.model, settings.remotes, settings.policy)
        journal = Journal(settings.journal, journal_header(model))
        desk = Desk(model, journal, settings.max_batch, settings.max_waiting)
        archive = Archive(settings.database, Places(settings.journal, settings.profiles))
        repetition = Repetition(settings.repetitions, Recollection(settings.journal, archive))
    except OctroiError as reason:
        log.error("not_ready", reason=str(reason))
        return ClosedOffice(reason)
    reader = ApplicationReader(model.schema, settings.max_batch)
    lookup = Lookup(archive, reader)
    office = Office(
        model, reader, desk, ErrorLog(journal), archive, lookup, repetition, _supervisor(settings)
    )
    # What was loaded stays: without this the collector walks through all of it, again and again.
    gc.collect()
    gc.freeze()
    # And what requests make is gone by reference counts: look for cycles less often.
    gc.set_threshold(20_000, 20, 50)
    log.info("ready", model_version=model.version, policy_version=model.policy.version)
    return office


def journal_header(model: ServedModel) -> SegmentHeader:
    """What the decisions of *model* share in a journal."""
    features = model.schema.features
    return SegmentHeader(
        format=JOURNAL_FORMAT,
        model_version=model.version,
        model_sha256=model.sha256,
        features=model.schema.names,
        width=model.schema.width,
        words=tuple(feature.name for feature in features if feature.is_category),
    )


def _supervisor(settings: Settings) -> Supervisor | None:
    return Supervisor(settings.journal, settings.child_environment()) if settings.archive else None
