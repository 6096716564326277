"""The versions of the registered model, and which of them is champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import url2pathname

from credit.errors import InvalidModel
from runners.bundle import MODEL_NAME
from runners.mlflow_store import MlflowStore, ModelVersion

CHAMPION = "champion"
CHALLENGER = "challenger"
MODEL_TAG = "model_version"
SHOWN = ("auc", "cost_per_client")
"""Metrics that a version carries as tags, so that a list of versions is one question."""


@dataclass(frozen=True)
class Version:
    """A version of the registered model: one training's bundle."""

    number: int
    aliases: tuple[str, ...]
    model: str
    """The model's own version, its tag in the BentoML model store; empty if Octroi did not register it."""
    run_id: str
    bundle: str
    """Its folder, or its URI where a server keeps the files."""
    registered: datetime
    auc: float | None
    cost_per_client: float | None


class Registry:
    """The registered model in one MLflow store."""

    def __init__(self, store: MlflowStore) -> None:
        self._store = store

    def versions(self) -> list[Version]:
        """Every version, newest first; `InvalidModel` when there is none."""
        with self._store.asking():
            found = self._store.client.search_model_versions(f"name = '{MODEL_NAME}'")
            aliases = self._store.client.get_registered_model(MODEL_NAME).aliases if found else {}
            versions = [_version(version, aliases) for version in found]
        if not versions:
            raise InvalidModel(
                f"no model is registered in {self._store.name}: python -m training fit does it"
            )
        return sorted(versions, key=lambda version: -version.number)

    def name(self, number: int, alias: str) -> None:
        """Let *alias* name version *number*, and no other."""
        with self._store.asking():
            self._store.client.set_registered_model_alias(MODEL_NAME, alias, str(number))

    def note(self, key: str) -> str:
        """What is noted on the registered model under *key*; empty if nothing is."""
        with self._store.asking():
            return str(self._store.client.get_registered_model(MODEL_NAME).tags.get(key, ""))

    def write_note(self, key: str, text: str) -> None:
        with self._store.asking():
            self._store.client.set_registered_model_tag(MODEL_NAME, key, text)


def _version(found: ModelVersion, aliases: Mapping[str, str]) -> Version:
    measured = {name: float(found.tags[name]) if name in found.tags else None for name in SHOWN}
    return Version(
        number=int(found.version),
        aliases=tuple(
            sorted(alias for alias, number in aliases.items() if int(number) == int(found.version))
        ),
        model=found.tags.get(MODEL_TAG, ""),
        run_id=found.run_id or "",
        bundle=_place(found.source or ""),
        registered=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        **measured,
    )


def _place(source: str) -> str:
    parts = urlsplit(source)
    return url2pathname(parts.path) if parts.scheme == "file" else source
