"""Standing before BentoML's own middlewares: every request comes to us first, and every error passes us."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from api.asgi import AsgiApp, Receive, Scope, Send

if TYPE_CHECKING:
    from api.entrance import Entrance


class Foremost:
    """An ASGI middleware that puts the *entrance* before all that BentoML put around the service.

    `add_asgi_middleware` has a place inside BentoML's stack alone: its timers and traces would cost a
    decision more than the model does, and what they refuse would be in other words than ours.
    """

    def __init__(self, app: AsgiApp, *, entrance: "Callable[[AsgiApp], Entrance]") -> None:
        self._app = app
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        application = scope["app"]  # Starlette's, which calls its middleware_stack for each request
        application.router.redirect_slashes = False  # a path that is not ours is not nearly ours
        try:
            entrance = self._entrance(application.middleware_stack)
        except Exception as error:  # noqa: BLE001  # whatever it is, there is nothing to serve
            # Raised, it would say that we need no lifespan, and BentoML's own application would answer.
            await send({"type": "lifespan.startup.failed", "message": f"Octroi cannot start: {error!r}"})
            return
        application.middleware_stack = entrance
        try:
            await self._app(scope, receive, send)
        finally:
            entrance.close()
