"""What the service says of itself, over HTTP."""

from dataclasses import dataclass

import httpx
import msgspec

_PATIENCE_S = 2.0


class Certificate(msgspec.Struct, frozen=True):
    """What was proved of the served model."""

    holds: bool
    rows: int
    max_difference: float
    flips: int


class Model(msgspec.Struct, frozen=True):
    """The served model, as `/model-info` tells it."""

    model_version: str
    model_sha256: str
    certificate: Certificate


class _Health(msgspec.Struct, frozen=True):
    model_version: str


class _Problem(msgspec.Struct, frozen=True):
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How the service answered."""

    is_there: bool = False
    not_ready_because: str | None = None
    version: str | None = None
    """Of the served model; `None` when the service is not ready."""
    model: Model | None = None
    """`None` where it tells that to a key alone."""


def ask(url: str, key: str | None) -> Answer:
    """The service's answer; one that does not come is an answer, too."""
    headers = {"x-api-key": key} if key else {}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=_PATIENCE_S) as client:
            health = client.get("/health")
            if health.status_code != httpx.codes.OK:
                return Answer(is_there=True, not_ready_because=_detail(health))
            version = msgspec.json.decode(health.content, type=_Health).model_version
            told = client.get("/model-info")
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError):
        return Answer()
    if told.status_code != httpx.codes.OK:
        return Answer(is_there=True, version=version)
    return Answer(is_there=True, version=version, model=msgspec.json.decode(told.content, type=Model))


def _detail(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Problem).detail
    except msgspec.DecodeError:
        return f"HTTP {response.status_code}"
