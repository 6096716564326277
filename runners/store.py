"""The BentoML model store: models under tags that never change."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import bentoml
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml.exceptions import BentoMLException, NotFound

from credit.errors import CertificateRefused, InvalidModel
from runners.bundle import MODEL_FILE, MODEL_NAME
from runners.certificate import sha256

OWN_FILE = "model.yaml"
"""What BentoML itself writes beside a model's files."""


def stored(tag: str) -> Path:
    """The folder of the model *tag*; `InvalidModel` when there is none."""
    try:
        # As bentoml.models.get does it, which would load BentoML's cloud first, for a fifth of a second.
        named = BentoMLContainer.model_aliases.get().get(tag, tag)
        return Path(BentoMLContainer.model_store.get().get(named).path)
    except NotFound as error:
        raise InvalidModel(
            f"there is no model {tag} in the BentoML model store: make model makes octroi-credit:latest, "
            "bentoml models list shows what there is"
        ) from error
    except (BentoMLException, ValueError) as error:
        raise InvalidModel(f"{tag!r} is neither a folder nor a tag of the BentoML model store") from error


def keep(tag: str, files: Mapping[str, Path], labels: Mapping[str, str]) -> Path:
    """The folder of *tag* in the store, made from *files* by their names in it, if it is not there.

    A published model has figures beside what a fetched one needs; `CertificateRefused` when one of *files*
    is not under the tag as it is here.
    """
    with _alone():
        try:
            folder = stored(tag)
        except InvalidModel:
            return _saved(tag, files, labels)
    if not _hashes(files).items() <= _hashes(_files(folder)).items():
        raise CertificateRefused(
            f"{tag} is in the model store with other files beside the same {MODEL_FILE}, and a tag never "
            f"changes: publish the bundle it came from, or remove it with bentoml models delete {tag}"
        )
    return folder


def labelled(name: str, value: str) -> Path | None:
    """The folder of a model in the store that has this label."""
    # Asked for one name, BentoML says that there is none by an error.
    ours = [model for model in bentoml.models.list() if model.tag.name == MODEL_NAME]
    found = [model for model in ours if model.info.labels.get(name) == value]
    return Path(found[0].path) if found else None


def _saved(tag: str, files: Mapping[str, Path], labels: Mapping[str, str]) -> Path:
    with bentoml.models.create(tag, labels=dict(labels)) as model:
        for name, file in files.items():
            target = Path(model.path_of(name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return stored(tag)


def _files(folder: Path) -> dict[str, Path]:
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return {name: file for name, file in files.items() if name != OWN_FILE}


def _hashes(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: sha256(file) for name, file in files.items()}


@contextmanager
def _alone() -> Iterator[None]:
    """While the block runs, no other process of this host saves a model."""
    with (Path(tempfile.gettempdir()) / f"{MODEL_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
