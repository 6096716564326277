"""Where models come from: BentoML's model store, or a folder."""

from pathlib import Path

import bentoml
from bentoml.exceptions import BentoMLException, NotFound

from credit.errors import InvalidModel
from runners.bundle import Bundle


def open_bundle(name: str) -> Bundle:
    """The bundle that *name* means: a folder that exists, or a tag of the BentoML model store."""
    folder = Path(name)
    return Bundle.open(folder if folder.is_dir() else _stored(name))


def _stored(tag: str) -> Path:
    try:
        return Path(bentoml.models.get(tag).path)
    except NotFound as error:
        raise InvalidModel(
            f"there is no model {tag} in the BentoML model store: make model makes octroi-credit:latest, "
            "bentoml models list shows what there is"
        ) from error
    except (BentoMLException, ValueError) as error:
        raise InvalidModel(f"{tag!r} is neither a folder nor a tag of the BentoML model store") from error
