"""The BentoML service: opens what the settings name, declares the routes."""

import sys
from functools import partial

import bentoml

from api.binding import asked_for, require_loopback
from api.connection import use_connection
from api.contract import Decision, Decisions, Features
from api.counting import count_apart
from api.declared import answer_declared
from api.departure import Departure
from api.entrance import Entrance
from api.foremost import Foremost
from api.guard import Guard
from api.leader import follow_leader
from api.office import open_office
from api.pages import pages
from api.visit import BATCH, SINGLE
from credit.errors import InvalidSettings
from logs import log_as_json
from settings import read_settings

try:
    settings = read_settings()
    guard = Guard(settings.keys, settings.rate)
    if not settings.keys:
        require_loopback(asked_for())
except InvalidSettings as error:
    sys.exit(f"Octroi cannot start: {error}")
count_apart()
use_connection()
departure = Departure(settings.drain_s)


@bentoml.service(
    name="octroi",
    workers=settings.workers,
    http={"host": "127.0.0.1", "port": settings.port},
    # BentoML's timers live as long as the timeout, each with its request: keep them few.
    traffic={"timeout": 20, "max_concurrency": None},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},
    # BentoML would make a label of every path a client tries.
    metrics={"enabled": False},
)
class CreditScoring:
    """Decides consumer-credit applications, and records each decision before it answers."""

    def __init__(self) -> None:
        log_as_json(settings.log_level)
        follow_leader()
        departure.watch()
        self.office = open_office(settings)

    @bentoml.api(route=SINGLE)
    async def predict(self, applicant: Features, /, ctx: bentoml.Context) -> Decision:
        """Decide on one applicant."""
        return await answer_declared(ctx)  # type: ignore[return-value]  # BentoML sends a Response as it is

    @bentoml.api(route=BATCH)
    async def predict_batch(self, clients: list[Features], ctx: bentoml.Context) -> Decisions:
        """Decide on several applicants."""
        return await answer_declared(ctx)  # type: ignore[return-value]  # BentoML sends a Response as it is

    @bentoml.on_shutdown
    def close(self) -> None:
        """Answer what is running, then write what is left."""
        self.office.close()


CreditScoring.add_asgi_middleware(  # type: ignore[attr-defined]  # the decorator makes a Service of it
    Foremost,
    entrance=partial(
        Entrance,
        pages=pages(departure, settings.reports),
        limits={SINGLE: settings.max_body, BATCH: settings.max_batch_body},
        guard=guard,
        departure=departure,
        hot_path=settings.hot_path,
    ),
)
