"""Bundles that MLflow's registry names. Their files are copied as they are; nothing of it is executed."""

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from credit.errors import InvalidModel, InvalidSettings

if TYPE_CHECKING:
    from runners.mlflow_store import MlflowStore

_ADDRESS = re.compile(r"mlflow://([\w .-]+)@([\w.-]+)")


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """One version of a registered model: its files never change."""

    model: str
    number: int
    run_id: str
    source: str
    """URI of the bundle's folder."""

    @property
    def name(self) -> str:
        return f"mlflow://{self.model}@{self.number} (run {self.run_id})"


class Registry:
    """The registry in an MLflow server or database. Every failure is an `InvalidModel`."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def version(self, address: str) -> RegisteredVersion:
        """The version that *address*, `mlflow://name@alias` or `mlflow://name@number`, means now."""
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise InvalidModel(f"{address!r} names no registered model: write mlflow://name@alias")
        name, alias = match[1], match[2]
        store = self._store()
        try:
            with store.asking():
                client = store.client
                found = (
                    client.get_model_version(name, alias)
                    if alias.isdecimal()
                    else client.get_model_version_by_alias(name, alias)
                )
        except InvalidSettings as error:
            raise InvalidModel(f"{address}: {error}") from error
        return RegisteredVersion(name, int(found.version), str(found.run_id), str(found.source))

    def download(self, version: RegisteredVersion, folder: Path) -> Path:
        """Where in *folder* the files of *version* are copied to."""
        from mlflow.artifacts import download_artifacts  # noqa: PLC0415  # loading MLflow takes seconds

        try:
            with self._store().asking():
                return Path(download_artifacts(version.source, dst_path=str(folder), tracking_uri=self._uri))
        except (InvalidSettings, OSError) as error:
            raise InvalidModel(f"{version.name}: its files cannot be had: {error}") from error

    def _store(self) -> "MlflowStore":
        try:
            from runners.mlflow_store import MlflowStore  # noqa: PLC0415  # loading MLflow takes seconds
        except ModuleNotFoundError as error:
            raise InvalidModel("a model named mlflow:// needs the package mlflow-skinny here") from error
        try:
            return MlflowStore(self._uri, Path(gettempdir()))
        except InvalidSettings as error:
            raise InvalidModel(str(error)) from error
