"""Where models come from: a folder, BentoML's model store, the Hugging Face Hub, MLflow's registry."""

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from credit.errors import InvalidModel, OctroiError
from runners.bundle import (
    CERTIFICATE_FILE,
    METRICS_FILE,
    MODEL_FILE,
    ONNX_FILE,
    POLICY_FILE,
    SCHEMA_FILE,
    Bundle,
    model_tag,
)
from runners.certificate import sha256
from runners.remotes import NOWHERE, Remotes
from runners.store import keep, labelled, stored

_NEEDED = (MODEL_FILE, ONNX_FILE, SCHEMA_FILE, POLICY_FILE, CERTIFICATE_FILE)
_USEFUL = (METRICS_FILE, "MODEL_CARD.md", "reference.json", "reference.bin")
_LABEL = "fetched"


@dataclass(frozen=True, slots=True)
class Found:
    """A bundle, and which of the names asked for it was found under."""

    bundle: Bundle
    asked: str
    origin: str
    """What the name meant: a folder, or a commit or version that never changes."""
    failed: tuple[str, ...]
    """Why the names before it gave none."""


def open_bundle(names: str, remotes: Remotes = NOWHERE) -> Bundle:
    """The bundle that *names* mean; `find_bundle` says more of it."""
    return find_bundle(names, remotes).bundle


def find_bundle(names: str, remotes: Remotes) -> Found:
    """The first of *names*, separated by commas, under which there is a certified bundle.

    A name is `hf://owner/repo@revision`, `mlflow://name@alias`, a folder that exists, or a tag of the BentoML
    model store. What is fetched is kept in that store. `InvalidModel` gives each name's reason.
    """
    failed: list[str] = []
    for name in filter(None, map(str.strip, names.split(","))):
        try:
            folder, origin = _opened(name, remotes)
            return Found(Bundle.open(folder), name, origin, tuple(failed))
        except OctroiError as error:
            reason, only = f"{name}: {error}", error
            failed.append(reason)
    if len(failed) == 1:
        raise only
    raise InvalidModel("; ".join(failed) or "OCTROI_MODEL names no model")


def _opened(name: str, remotes: Remotes) -> tuple[Path, str]:
    """The folder that *name* means, and what that was."""
    if name.startswith("hf://"):
        return _from_hub(name, remotes)
    if name.startswith("mlflow://"):
        return _from_registry(name, remotes)
    folder = Path(name)
    return (folder, str(folder.absolute())) if folder.is_dir() else (stored(name), name)


def _from_hub(name: str, remotes: Remotes) -> tuple[Path, str]:
    # A folder or a tag needs no client of HTTP.
    from runners.hub import Hub  # noqa: PLC0415

    with closing(Hub(remotes.hub, remotes.hub_token)) as hub:
        revision = hub.revision(name)

        def fetch(folder: Path) -> Path:
            for file in _wanted(revision.files, name):
                hub.download(revision, file, folder / file)
            return folder

        return _fetched(revision.name, fetch), revision.name


def _from_registry(name: str, remotes: Remotes) -> tuple[Path, str]:
    if remotes.mlflow is None:
        raise InvalidModel("no MLflow store is named: set MLFLOW_TRACKING_URI")
    from runners.registry import Registry  # noqa: PLC0415

    registry = Registry(remotes.mlflow)
    version = registry.version(name)
    return _fetched(version.name, lambda folder: registry.download(version, folder)), version.name


def _fetched(origin: str, fetch: Callable[[Path], Path]) -> Path:
    """The folder in the model store of what *origin* means, fetched unless it was before."""
    label = hashlib.sha256(origin.encode()).hexdigest()[:32]
    if (known := labelled(_LABEL, label)) is not None:
        return known
    with tempfile.TemporaryDirectory(prefix="octroi-model-") as scratch:
        folder = fetch(Path(scratch))
        there = frozenset(path.name for path in folder.iterdir() if path.is_file())
        if MODEL_FILE in there and ONNX_FILE not in there:
            return _published(folder / MODEL_FILE, origin)
        files = {name: folder / name for name in _wanted(there, origin)}
        bundle = Bundle.open(folder)
        bundle.certified_onnx()
        return keep(bundle.version, files, {_LABEL: label})


def _published(model: Path, origin: str) -> Path:
    """What a training tracked, as it was converted and published on this host."""
    try:
        return stored(model_tag(sha256(model)))
    except InvalidModel as error:
        raise InvalidModel(
            f"{origin} is not converted, and {error}; or convert its bundle, then python -m training track it"
        ) from error


def _wanted(names: frozenset[str], origin: str) -> list[str]:
    """Which of the files *names* make a bundle; others, a pickle for one, are left where they are."""
    if missing := [name for name in _NEEDED if name not in names]:
        raise InvalidModel(f"{origin} is no certified bundle: it has no {', no '.join(missing)}")
    return [*_NEEDED, *(name for name in _USEFUL if name in names)]
