"""The only file that imports MLflow: a store, opened quietly, its failures told in one sentence."""

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Read by MLflow as it loads: it reports usage, logs, prints, and asks a dead server for minutes unless told.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.version import VERSION
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from credit.errors import InvalidModel, InvalidSettings

__all__ = ["VERSION", "Metric", "MlflowStore", "ModelVersion", "Param"]

_DATABASE = re.compile(r"(sqlite|postgresql|mysql|mssql)(\+\w+)?://")
_FILE = "sqlite:///"


class MlflowStore:
    """An MLflow tracking and registry store, by its URI.

    What is asked of `client` is asked inside `asking`, which turns MLflow's failures into `InvalidSettings`.
    """

    def __init__(self, uri: str, artifacts: Path, *, create: bool = False) -> None:
        """*artifacts*: the folder where a store without a server keeps files.

        `InvalidModel` when there is no such SQLite file and *create* does not allow to make it.
        """
        self.uri = uri
        self.artifacts = artifacts
        if not create and uri.startswith(_FILE) and not Path(uri.removeprefix(_FILE)).exists():
            raise InvalidModel(f"no model is registered in {uri}: python -m training fit registers one")
        with self.asking():
            _try_connection(uri)
            self.client = MlflowClient(uri, uri)

    @property
    def has_a_server(self) -> bool:
        """Whether files go through a server, not straight into a folder."""
        return not _DATABASE.match(self.uri)

    @property
    def name(self) -> str:
        """The URI without a password in it."""
        return _without_password(self.uri)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Silence MLflow's warnings, and say what went wrong as `InvalidSettings`."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except (MlflowException, SQLAlchemyError, ImportError) as error:
            raise InvalidSettings(f"MLflow at {self.name} fails: {_reason(error)}") from error


def _try_connection(uri: str) -> None:
    """Fail now if *uri* is of a database out of reach: MLflow would try again for two minutes."""
    if not _DATABASE.match(uri):
        return
    engine = create_engine(uri)
    try:
        engine.connect().close()
    finally:
        engine.dispose()


def _reason(error: BaseException) -> str:
    """One line: what the system said, or else what MLflow did."""
    said, cause = error, error.__cause__ or error.__context__
    while cause:
        said = cause if isinstance(cause, OSError) else said
        cause = cause.__cause__ or cause.__context__
    text = str(said).strip() or type(said).__name__
    return _without_password(text.splitlines()[0][:300])


def _without_password(text: str) -> str:
    return re.sub(r"//[^@/\s]*@", "//", text)
