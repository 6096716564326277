"""What can be read with GET: state, model, documents."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import bentoml
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.office import ClosedOffice, Office
from api.openapi import openapi
from api.problem import MEDIA_TYPE, problem_of
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


def pages() -> Starlette:
    """The application that answers every GET of ours."""
    views: dict[str, View] = {
        "/": _root,
        "/health": _health,
        "/readyz": _readyz,
        "/livez": _livez,
        "/model-info": _model_info,
        "/openapi.json": _openapi,
        "/docs": _swagger,
        "/redoc": _redoc,
    }
    routes = [Route(path, view, methods=["GET"]) for path, view in views.items()]
    return Starlette(routes=[*routes, Mount("/static", StaticFiles(directory=_STATIC))])


def page_paths(app: Starlette) -> frozenset[str]:
    """First segments of the paths that *app* answers."""
    return frozenset(route.path for route in app.routes if isinstance(route, Route | Mount))


async def _root(_: Request) -> Response:
    office = _office()
    model = None if isinstance(office, ClosedOffice) else office.model.version
    return JSONResponse({"name": "octroi", "version": VERSION, "model_version": model, "links": _LINKS})


async def _livez(_: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _readyz(request: Request) -> Response:
    office = _office()
    if isinstance(office, ClosedOffice):
        return _unavailable(office.reason, request)
    return JSONResponse({"status": "ready"})


async def _health(request: Request) -> Response:
    office = _office()
    if isinstance(office, ClosedOffice):
        return _unavailable(office.reason, request)
    model = office.model
    return JSONResponse(
        {
            "status": "ready",
            "version": VERSION,
            "model_version": model.version,
            "policy_version": model.policy.version,
        }
    )


async def _model_info(request: Request) -> Response:
    office = _office()
    if isinstance(office, ClosedOffice):
        return _unavailable(office.reason, request)
    return JSONResponse(_described(office))


async def _openapi(request: Request) -> Response:
    office = _office()
    if isinstance(office, ClosedOffice):
        return _unavailable(office.reason, request)
    return JSONResponse(_document(office.model.schema))


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


def _office() -> Office | ClosedOffice:
    office: Office | ClosedOffice = bentoml.get_current_service().office
    return office


def _unavailable(reason: OctroiError, request: Request) -> Response:
    problem = problem_of(reason, request.url.path, request.headers.get("x-request-id", ""))
    return Response(msgspec.json.encode(problem), problem.status, media_type=MEDIA_TYPE)
