"""Bundles on the Hugging Face Hub, or on a server that speaks its routes."""

import re
from dataclasses import dataclass
from pathlib import Path

import httpx

from credit.errors import InvalidModel

_ADDRESS = re.compile(r"hf://(\w[\w.-]*/\w[\w.-]*)(?:@(\w[\w./-]*))?")
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class HubRevision:
    """One commit of a repository: its files never change."""

    repository: str
    commit: str
    files: frozenset[str]

    @property
    def name(self) -> str:
        return f"hf://{self.repository}@{self.commit}"


class Hub:
    """A hub at *endpoint*; private repositories need a *token*. Every failure is an `InvalidModel`."""

    def __init__(self, endpoint: str, token: str | None) -> None:
        self._endpoint = endpoint.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        # httpx keeps the token from other hosts that files are redirected to.
        self._client = httpx.Client(headers=headers, follow_redirects=True, timeout=_PATIENCE_S)

    def revision(self, address: str) -> HubRevision:
        """The commit that *address* (`hf://owner/repo`, with `@branch`, `@tag` or `@commit`) means now."""
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise InvalidModel(f"{address!r} is no address on a hub: write hf://owner/repo@revision")
        repository, revision = match[1], match[2] or "main"
        told = self._get(f"/api/models/{repository}/revision/{revision}", address).json()
        names = frozenset(str(file["rfilename"]) for file in told["siblings"])
        return HubRevision(repository, str(told["sha"]), names)

    def download(self, revision: HubRevision, name: str, target: Path) -> None:
        """Write the file *name* of *revision* to *target*."""
        path = f"/{revision.repository}/resolve/{revision.commit}/{name}"
        target.write_bytes(self._get(path, revision.name).content)

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str, address: str) -> httpx.Response:
        try:
            response = self._client.get(self._endpoint + path)
        except httpx.HTTPError as error:
            raise InvalidModel(
                f"{address}: {self._endpoint} does not answer ({type(error).__name__})"
            ) from error
        if response.status_code != 200:
            raise InvalidModel(
                f"{address}: {self._endpoint} says {response.status_code}: "
                "look at owner, repository, revision and HF_TOKEN"
            )
        return response
