"""The Octroi that traffic is sent to."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

import httpx

from credit.errors import OctroiError

_PATIENCE_S = 30.0
_MOST_RETRIES = 20
_COME_BACK = frozenset({429, 503})


class ServiceUnreachable(OctroiError):
    """No service answers where traffic was to be sent."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request."""

    status: int
    body: bytes
    seconds: float
    """How long the last attempt took."""
    retries: int


class RemoteService:
    """An Octroi at *url*. To be used as `async with`."""

    def __init__(self, url: str, key: str | None, tag: str | None, connections: int) -> None:
        headers = {"content-type": "application/json"}
        headers |= {"x-api-key": key} if key else {}
        headers |= {"x-octroi-scenario": tag} if tag else {}
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._url = url
        try:
            self._client = httpx.AsyncClient(
                base_url=url, headers=headers, limits=limits, timeout=_PATIENCE_S
            )
        except httpx.InvalidURL as error:
            raise ServiceUnreachable(f"{url} is no address: {error}") from error

    async def __aenter__(self) -> "RemoteService":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def accepted_features(self) -> frozenset[str]:
        """The names of the features that the service takes."""
        reply = await self._request("GET", "/model-info", b"")
        if reply.status_code != 200:
            raise ServiceUnreachable(
                f"{self._url}/model-info answers {reply.status_code}: {reply.text[:200]}"
            )
        described: Mapping[str, list[str]] = reply.json()
        return frozenset(described["accepted_features"])

    async def post(self, path: str, body: bytes) -> Reply:
        """Send *body*; when the service is at its limit, come back when it says."""
        retries = 0
        while True:
            started = time.perf_counter()
            response = await self._request("POST", path, body)
            seconds = time.perf_counter() - started
            if response.status_code not in _COME_BACK or retries == _MOST_RETRIES:
                return Reply(response.status_code, response.content, seconds, retries)
            retries += 1
            await asyncio.sleep(float(response.headers.get("retry-after", "1")))

    async def _request(self, method: str, path: str, body: bytes) -> httpx.Response:
        try:
            return await self._client.request(method, path, content=body)
        except httpx.TimeoutException as error:
            raise ServiceUnreachable(
                f"the service at {self._url} has not answered within {_PATIENCE_S:g} s: "
                "ask less of it at once (--concurrency, --batch)"
            ) from error
        except httpx.TransportError as error:
            raise ServiceUnreachable(
                f"no service answers at {self._url} ({type(error).__name__}): start it with make serve"
            ) from error
