"""The OpenAPI document of the model that is served."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.contract import Applicant, Applicants, Decision, Decisions, KnownClient, LoanOutcome, ProblemBody
from features.schema import Feature, FeatureSchema

Json = dict[str, Any]

_REF = "#/components/schemas/{model}"
_PROBLEMS = {
    400: "The body is not JSON, names something twice, or is not in UTF-8; or a header is not to be taken",
    401: "No API key came with the request, or one that is not known",
    403: "The API key has no scope for this; or, without keys, the Host header is not this machine's",
    404: "No client of this number, or no decision of this id, is known",
    408: "The body did not come in time",
    409: "The first request with this Idempotency-Key still runs; `Retry-After`",
    413: "The body is too large",
    415: "The body is not sent as application/json",
    422: "The application, or the outcome, breaks a rule, which `errors` names with field and remedy; "
    "or the Idempotency-Key came with another request",
    429: "This key has asked too often; `Retry-After` says when it may again",
    500: "A fault of the service; its log has more under the request's id",
    503: "The service cannot decide now; nothing was recorded or answered",
}
_OF_PAGES = (400, 401, 403, 429, 500, 503)
_HEADERS = {
    "X-Request-ID": "The request's id: yours if it was sane, else a new one",
    "RateLimit": "Where a rate is set: what is left (`r`) and for how many seconds (`t`)",
    "RateLimit-Policy": "Where a rate is set: how many requests (`q`) in how many seconds (`w`)",
}
_RETRY = {"Retry-After": "Seconds after which to try again"}
_OBJECT: Json = {"type": "object"}
_PARAMETERS = {
    "X-Request-ID": "Your id for this request, 1 to 128 visible ASCII characters; comes back and is recorded",
    "traceparent": "W3C Trace Context; comes back and is logged",
}
_SCENARIO = {
    "name": "X-Octroi-Scenario",
    "in": "header",
    "required": False,
    "description": "What you call this traffic if it is simulated: recorded, and left out of statistics",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"},
}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again within 24 hours with the same body, it gets the same decision, recorded once",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_READS = {
    "/": "Name, versions and links",
    "/health": "Whether the service can decide, and with what",
    "/model-info": "The model: version, hashes, certificate, metrics, features",
    "/livez": "The process is alive",
    "/readyz": "The service can decide: a certified model is loaded",
}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}


_ONE = {"anyOf": [_ref(Applicant), _ref(KnownClient)]}


def openapi(schema: FeatureSchema, version: str, example: Json) -> Json:
    """OpenAPI 3.1 for a model with *schema*; *example* is a body of `/predict`."""
    components = _components(schema, example)
    paths = {path: {"get": _read(summary)} for path, summary in _READS.items()}
    paths["/metrics"] = {"get": _text("Prometheus metrics")}
    paths["/predict"] = {"post": _decide("predict", "Decide on one applicant", _ONE, Decision)}
    batch = _decide("predict_batch", "Decide on several applicants", _ref(Applicants), Decisions)
    paths["/predict_batch"] = {"post": batch}
    paths["/predict-batch"] = {"post": {**batch, "operationId": "predict_batch_alias"}}
    paths |= _to_the_records()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Octroi",
            "version": version,
            "description": "Credit decisions that can be proved.",
        },
        "paths": paths,
        "security": [{}, {"key": []}],
        "components": {
            "schemas": components,
            "headers": {name: _header(meaning) for name, meaning in (_HEADERS | _RETRY).items()},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
        },
    }


def _to_the_records() -> dict[str, Json]:
    """The routes to what was decided before."""
    decision = {"type": "string", "description": "uuid7 of the answer"}
    client = {"type": "integer", "minimum": 1, "description": "The client's number"}
    outcome = _page("Tell what became of a loan; told again, nothing changes", "application/json", _OBJECT)
    outcome["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": _ref(LoanOutcome)}},
    }
    outcome["responses"] |= _problems(404, 408, 413, 415, 422)
    return {
        "/decisions/{decision_id}": {
            "get": _about("decision_id", decision, "One decision as it is recorded, with its inputs")
        },
        "/outcomes": {"post": outcome},
        "/clients/{sk_id_curr}/data": {
            "delete": _about("sk_id_curr", client, "Erase a client's data; scope admin")
        },
    }


def _about(name: str, schema: Json, summary: str) -> Json:
    page = _page(summary, "application/json", _OBJECT)
    page["parameters"].append({"name": name, "in": "path", "required": True, "schema": schema})
    page["responses"] |= _problems(404)
    return page


def _components(schema: FeatureSchema, example: Json) -> Json:
    models: list[type[BaseModel]] = [
        *(Applicant, KnownClient, Applicants, Decision, Decisions, LoanOutcome, ProblemBody)
    ]
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    components: Json = definitions["$defs"]
    applicant = components["Applicant"]
    applicant["additionalProperties"] = False
    applicant["properties"] |= {feature.name: _property(feature) for feature in schema.features}
    applicant["required"] = [feature.name for feature in schema.features if feature.required]
    applicant["example"] = example
    return components


def _property(feature: Feature) -> Json:
    unit = f" [{feature.unit}]" if feature.unit else ""
    described: Json = {"description": feature.meaning + unit}
    if feature.is_category:
        types = ["string", "number"] if feature.aliases else ["string"]
        described["examples"] = list(feature.categories[:3])
    else:
        types = ["number"]
        described |= {key: limit for key, limit in _limits(feature) if limit is not None}
    described["type"] = types if feature.required else [*types, "null"]
    return described


def _limits(feature: Feature) -> list[tuple[str, float | None]]:
    return [("minimum", feature.low), ("maximum", feature.high)]


def _decide(operation: str, summary: str, body: Json, answer: type[BaseModel]) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": [*_parameters(), _SCENARIO, _IDEMPOTENCY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": _answered("Decided and recorded", "application/json", _ref(answer)),
            **_problems(*_PROBLEMS),
        },
    }


def _read(summary: str) -> Json:
    return _page(summary, "application/json", _OBJECT)


def _text(summary: str) -> Json:
    return _page(summary, "text/plain", {"type": "string"})


def _page(summary: str, media_type: str, schema: Json) -> Json:
    answered = _answered(summary, media_type, schema)
    return {
        "summary": summary,
        "parameters": _parameters(),
        "responses": {"200": answered, **_problems(*_OF_PAGES)},
    }


def _answered(description: str, media_type: str, schema: Json, headers: Iterable[str] = _HEADERS) -> Json:
    told = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return {"description": description, "headers": told, "content": {media_type: {"schema": schema}}}


def _problems(*statuses: int) -> Json:
    return {str(status): _problem(status) for status in statuses}


def _problem(status: int) -> Json:
    headers = [*_HEADERS, *_RETRY] if status in {409, 429, 503} else [*_HEADERS]
    return _answered(_PROBLEMS[status], "application/problem+json", _ref(ProblemBody), headers)


def _header(meaning: str) -> Json:
    return {"description": meaning, "schema": {"type": "string"}}


def _parameters() -> list[Json]:
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": meaning,
            "schema": {"type": "string"},
        }
        for name, meaning in _PARAMETERS.items()
    ]
