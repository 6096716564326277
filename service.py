"""The BentoML service: opens what the settings name, declares the routes."""

import sys
from typing import TYPE_CHECKING

import bentoml
from starlette.responses import Response

from api.asgi import AsgiApp
from api.binding import asked_for, require_loopback
from api.connection import use_connection
from api.contract import Decision, Decisions, Features
from api.counting import count_apart
from api.departure import Departure
from api.foremost import Foremost
from api.guard import Guard
from api.leader import follow_leader
from api.visit import BATCH, SINGLE
from credit.errors import InvalidSettings
from logs import log_as_json
from settings import read_settings

if TYPE_CHECKING:
    from api.entrance import Entrance

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


async def _answer(ctx: bentoml.Context) -> Response:
    from api.declared import answer_declared  # noqa: PLC0415

    return await answer_declared(ctx)


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
        from api.office import open_office  # noqa: PLC0415

        self.office = open_office(settings)

    @bentoml.api(route=SINGLE)
    async def predict(self, applicant: Features, /, ctx: bentoml.Context) -> Decision:
        """Decide on one applicant."""
        return await _answer(ctx)  # type: ignore[return-value]  # BentoML sends a Response as it is

    @bentoml.api(route=BATCH)
    async def predict_batch(self, clients: list[Features], ctx: bentoml.Context) -> Decisions:
        """Decide on several applicants."""
        return await _answer(ctx)  # type: ignore[return-value]  # BentoML sends a Response as it is

    @bentoml.on_shutdown
    def close(self) -> None:
        """Answer what is running, then write what is left."""
        self.office.close()


def _entrance(app: AsgiApp) -> "Entrance":
    # Here and above: what decides is loaded by the workers alone. The process that starts them has no use
    # for it, and would keep them waiting.
    from api.entrance import Entrance  # noqa: PLC0415
    from api.pages import pages  # noqa: PLC0415

    return Entrance(
        app,
        pages=pages(departure, settings.reports),
        limits={SINGLE: settings.max_body, BATCH: settings.max_batch_body},
        guard=guard,
        departure=departure,
        hot_path=settings.hot_path,
    )


CreditScoring.add_asgi_middleware(  # type: ignore[attr-defined]  # the decorator makes a Service of it
    Foremost,
    entrance=_entrance,
)
