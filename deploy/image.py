"""The image of a Bento, built by `bentoml containerize`; tags and labels name its commit and its model."""

import json
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import bentoml
import yaml

from deploy.engine import Engine
from deploy.process import ROOT, CommandFailed, attempt, run
from runners.bundle import Bundle

NAME = "octroi"
LATEST = f"{NAME}:latest"
"""What deploy/compose.yml runs; never pushed, since it says nothing."""
_BENTOML = str(Path(sys.executable).with_name("bentoml"))
_LABELS = {
    "bento": "octroi.bento",
    "version": "org.opencontainers.image.version",
    "commit": "org.opencontainers.image.revision",
    "model_sha256": "octroi.model.sha256",
}


@dataclass(frozen=True)
class Image:
    """An image in an engine's store, under each of its tags."""

    bento: str
    version: str
    """Octroi's."""
    commit: str
    """Of the source; ends in -dirty where files differ from it."""
    model_sha256: str

    @property
    def tags(self) -> tuple[str, str]:
        """By commit and by model: two names for the same image."""
        return commit_tag(self.commit), f"model-{self.model_sha256[:12]}"

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(f"{NAME}:{tag}" for tag in self.tags)

    @property
    def labels(self) -> dict[str, str]:
        return {label: str(getattr(self, field)) for field, label in _LABELS.items()}


def commit_tag(commit: str) -> str:
    """
    >>> commit_tag("0123456789abcdef-dirty")
    'commit-0123456789ab-dirty'
    """
    head, dash, dirty = commit.partition("-")
    return f"commit-{head[:12]}{dash}{dirty}"


def build_image(engine: Engine) -> Image:
    """Build a Bento of the newest model in the store, and its image in *engine*."""
    bento = run([_BENTOML, "build", "--output", "tag"]).removeprefix("__tag__:")
    image = Image(bento, _version(), _commit(), _model_of(bento).model_sha256)
    options = [*engine.build_options(), *(f"label={name}={value}" for name, value in image.labels.items())]
    run(
        [
            *(_BENTOML, "containerize", bento, "--backend", engine.name),
            *(word for name in (*image.references, LATEST) for word in ("--image-tag", name)),
            *(word for option in options for word in ("--opt", option)),
        ],
        engine.environment,
        # BentoML copies the template to a temporary folder, and reads no file outside its working directory.
        cwd=Path(tempfile.gettempdir()),
    )
    return image


def labels_of(engine: Engine, reference: str) -> dict[str, str]:
    """The labels of the image *reference*; `CommandFailed` when there is none."""
    shown = engine.attempt("image", "inspect", "--format", "{{json .Config.Labels}}", reference)
    if shown.returncode:
        raise CommandFailed(f"there is no image {reference}: run make image")
    return dict(json.loads(shown.stdout) or {})


def current_image(engine: Engine) -> Image:
    """The image of this commit that `build_image` left in *engine*."""
    labels = labels_of(engine, f"{NAME}:{commit_tag(_commit())}")
    return Image(**{field: labels[label] for field, label in _LABELS.items()})


def push_image(engine: Engine, image: Image, registry: str) -> dict[str, str]:
    """Send *image* under each of its tags; the digest of each reference in *registry*."""
    digests = {}
    for tag, reference in zip(image.tags, image.references, strict=True):
        remote = f"{registry.rstrip('/')}/{NAME}:{tag}"
        engine.run("tag", reference, remote)
        digests[remote] = engine.push(remote)
    return digests


def model_folder(image: Image) -> Path:
    """The bundle in the model store that *image* was built with."""
    return _model_of(image.bento).folder


def _model_of(bento: str) -> Bundle:
    folder = Path(bentoml.bentos.get(bento).path)
    (model,) = yaml.safe_load((folder / "bento.yaml").read_text())["models"]
    return Bundle.open(Path(bentoml.models.get(model["tag"]).path))


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def _commit() -> str:
    """The commit of the source, for the label; unknown outside a clone."""
    head = attempt(["git", "rev-parse", "HEAD"])
    if head.returncode:
        return "unknown"
    changed = run(["git", "status", "--porcelain"])
    return head.stdout.strip() + ("-dirty" if changed else "")
