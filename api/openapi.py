"""The OpenAPI document of the model that is served."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.contract import Applicant, Applicants, Decision, Decisions, ProblemBody
from features.schema import Feature, FeatureSchema

Json = dict[str, Any]

_REF = "#/components/schemas/{model}"
_PROBLEMS = {
    400: "The body is not JSON",
    413: "The body is too large",
    415: "The body is not sent as application/json",
    422: "The application breaks a rule; `errors` names field, rule and remedy",
    503: "The service cannot decide now; nothing was answered",
}
_READS = {
    "/": "Name, versions and links",
    "/health": "Whether the service can decide, and with what",
    "/model-info": "The model: version, hashes, certificate, metrics, features",
    "/livez": "The process is alive",
    "/readyz": "The service can decide: a certified model is loaded",
}


def openapi(schema: FeatureSchema, version: str, example: Json) -> Json:
    """OpenAPI 3.1 for a model with *schema*; *example* is a body of `/predict`."""
    components = _components(schema, example)
    paths = {path: {"get": _read(summary)} for path, summary in _READS.items()}
    paths["/metrics"] = {"get": _text("Prometheus metrics")}
    paths["/predict"] = {"post": _decide("predict", "Decide on one applicant", Applicant, Decision)}
    batch = _decide("predict_batch", "Decide on several applicants", Applicants, Decisions)
    paths["/predict_batch"] = {"post": batch}
    paths["/predict-batch"] = {"post": {**batch, "operationId": "predict_batch_alias"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Octroi",
            "version": version,
            "description": "Credit decisions that can be proved.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _components(schema: FeatureSchema, example: Json) -> Json:
    models: list[type[BaseModel]] = [Applicant, Applicants, Decision, Decisions, ProblemBody]
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


def _decide(operation: str, summary: str, body: type[BaseModel], answer: type[BaseModel]) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(body)}}},
        "responses": {
            "200": {
                "description": "Decided and recorded",
                "content": {"application/json": {"schema": _ref(answer)}},
            },
            **{str(status): _problem(meaning) for status, meaning in _PROBLEMS.items()},
        },
    }


def _read(summary: str) -> Json:
    answered = {"description": summary, "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"summary": summary, "responses": {"200": answered, "503": _problem(_PROBLEMS[503])}}


def _text(summary: str) -> Json:
    return {
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": {"text/plain": {"schema": {"type": "string"}}}}
        },
    }


def _problem(meaning: str) -> Json:
    return {"description": meaning, "content": {"application/problem+json": {"schema": _ref(ProblemBody)}}}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}
