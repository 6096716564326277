"""What can be read with GET: state, model, documents; with it, the routes to the records."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.body import Refused
from api.departure import Departure
from api.metrics import metrics
from api.office import ClosedOffice, Office, current_office, working_office
from api.openapi import openapi
from api.problem import problem_response
from api.recorded import recorded_routes
from credit.errors import OctroiError
from features.schema import FeatureSchema

VERSION = "0.1.0"
_STATIC = Path(__file__).parent / "static"
_EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "predict_40.json"
_LINKS = {
    "predict": "/predict",
    "predict_batch": "/predict_batch",
    "model_info": "/model-info",
    "health": "/health",
    "openapi": "/openapi.json",
    "docs": "/docs",
    "redoc": "/redoc",
    "metrics": "/metrics",
}
_SWAGGER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Octroi API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/static/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", validatorUrl: null,
defaultModelsExpandDepth: 0, defaultModelExpandDepth: 1})</script></body></html>
"""
_REDOC = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Octroi API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body style="margin:0"><div id="ui"></div><script src="/static/redoc.standalone.js"></script>
<script>Redoc.init("/openapi.json", {disableSearch: true}, document.getElementById("ui"))</script>
</body></html>
"""

View = Callable[[Request], Awaitable[Response]]


def pages(departure: Departure, reports: Path) -> Starlette:
    """The application that answers all of ours but the decisions.

    Not ready once *departure* is announced; *reports*: the folder of drift reports.
    """

    async def readyz(_: Request) -> Response:
        _require_ready(departure)
        return JSONResponse({"status": "ready"})

    async def health(_: Request) -> Response:
        model = _require_ready(departure).model
        return JSONResponse(
            {
                "status": "ready",
                "version": VERSION,
                "model_version": model.version,
                "policy_version": model.policy.version,
            }
        )

    async def metrics_page(_: Request) -> Response:
        office = current_office()
        return metrics(office.desk.pending_bytes if isinstance(office, Office) else 0, reports)

    views: dict[str, View] = {
        "/": _root,
        "/health": health,
        "/readyz": readyz,
        "/livez": _livez,
        "/model-info": _model_info,
        "/openapi.json": _openapi,
        "/docs": _swagger,
        "/redoc": _redoc,
        "/metrics": metrics_page,
    }
    routes = [Route(path, view, methods=["GET"]) for path, view in views.items()]
    files = Mount("/static", StaticFiles(directory=_STATIC))
    app = Starlette(
        routes=[*routes, *recorded_routes(), files],
        exception_handlers={OctroiError: _told, Refused: _told},
    )
    app.router.redirect_slashes = False
    return app


def page_paths(app: Starlette) -> frozenset[str]:
    """The paths that *app* answers; under a folder, the folder's."""
    paths = [route.path for route in app.routes if isinstance(route, Route | Mount)]
    return frozenset("/" + path.removeprefix("/").partition("/")[0] for path in paths)


async def _root(_: Request) -> Response:
    office = current_office()
    model = None if isinstance(office, ClosedOffice) else office.model.version
    return JSONResponse({"name": "octroi", "version": VERSION, "model_version": model, "links": _LINKS})


async def _livez(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


def _require_ready(departure: Departure) -> Office:
    """The office of this process; the reason is raised when it cannot decide, or is to stop."""
    departure.check()
    office = working_office()
    office.desk.check()
    return office


async def _model_info(_: Request) -> Response:
    return JSONResponse(_described(working_office()))


async def _openapi(_: Request) -> Response:
    return JSONResponse(_document(working_office().model.schema))


async def _swagger(_: Request) -> Response:
    return HTMLResponse(_SWAGGER)


async def _redoc(_: Request) -> Response:
    return HTMLResponse(_REDOC)


@cache
def _document(schema: FeatureSchema) -> dict[str, Any]:
    return openapi(schema, VERSION, msgspec.json.decode(_EXAMPLE.read_bytes()))


def _described(office: Office) -> dict[str, Any]:
    model = office.model
    certificate = model.bundle.certificate
    return {
        "model_version": model.version,
        "source": {"asked": model.found.asked, "found": model.found.origin},
        "model_sha256": model.sha256,
        "onnx_sha256": certificate.onnx_sha256,
        "certificate": {
            "holds": certificate.holds,
            "rows": certificate.rows,
            "max_difference": certificate.max_difference,
            "flips": certificate.flips,
        },
        "policy_version": model.policy.version,
        "policy": model.policy.as_dict(),
        "metrics": model.bundle.metrics,
        "model_features": list(model.schema.names[: model.schema.width]),
        "accepted_features": list(model.schema.names),
    }


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, OctroiError | Refused), "registered for these alone"
    return problem_response(error, request.scope)
