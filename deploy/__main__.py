"""The door of deploy: `python -m deploy --help`."""

import sys
from pathlib import Path

import click

from deploy.base_image import ensure_base
from deploy.composition import prove_composition
from deploy.configuration import configuration_page, example_environment
from deploy.dashboard_image import build_dashboard
from deploy.diary import Diary
from deploy.engine import find_engine
from deploy.image import build_image, current_image, push_image
from deploy.process import ROOT, run
from deploy.proof import prove as prove_image
from deploy.secrets import make_secrets
from deploy.tools import install_tools
from doors import Door, Output, progress

_CYCLONEDX = str(Path(sys.executable).with_name("cyclonedx-py"))


@click.group(cls=Door)
def door() -> None:
    """From Bento to registry to running container."""


@door.command()
def image() -> None:
    """Build the image of the newest model in the store; prints its tags."""
    engine = find_engine()
    with progress(f"Building with {engine.name}"):
        ensure_base(engine)
        built = build_image(engine)
    for reference in built.references:
        click.echo(reference)


@door.command()
def dashboard() -> None:
    """Build the image of the dashboard beside the service's newest image; prints its name."""
    engine = find_engine()
    with progress(f"Building with {engine.name}"):
        name = build_dashboard(engine)
    click.echo(name)


@door.command()
@click.argument("registry")
def push(registry: str) -> None:
    """Send the image of this commit to REGISTRY, such as ghcr.io/OWNER; prints each tag's digest."""
    engine = find_engine()
    built = current_image(engine)
    with progress(f"Pushing to {registry}"):
        digests = push_image(engine, built, registry)
    for reference, digest in digests.items():
        click.echo(f"{reference.rpartition(':')[0]}@{digest}  {reference.rpartition(':')[2]}")


_proof_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False, resolve_path=True))


@door.command()
@_proof_folder
@click.option("--report", type=Output(), help="Write what was seen to this page.")
def prove(folder: Path, report: Path | None) -> None:
    """Build, push, pull, run hardened, score, stop and kill; FOLDER takes the registry and both stores.

    Installs with apt-get what is missing, where no Docker daemon answers.
    """
    diary = Diary(click.echo)
    diary.say(f"tools: {' '.join(install_tools()) or 'all there'}")
    engine = find_engine(folder / "built")
    prove_image(engine, folder, diary.say)
    diary.close()
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(diary.page(engine.name))


@door.command("prove-compose")
@_proof_folder
def prove_compose(folder: Path) -> None:
    """Run deploy/compose.yml with the image that `prove` left in FOLDER, and PostgreSQL."""
    diary = Diary(click.echo)
    prove_composition(find_engine(folder / "built"), folder / "composed", diary.say)
    diary.close()


@door.command()
@click.argument("folder", type=click.Path(path_type=Path))
def secrets(folder: Path) -> None:
    """Make the secrets of deploy/compose.yml in FOLDER; prints the first API key, shown this once."""
    click.echo(make_secrets(folder))


@door.command()
def configuration() -> None:
    """Write .env.example and docs/configuration.md from settings.py."""
    (ROOT / ".env.example").write_text(example_environment())
    (ROOT / "docs" / "configuration.md").write_text(configuration_page())


@door.command()
@click.argument("out", type=Output())
def sbom(out: Path) -> None:
    """Write the CycloneDX bill of materials of requirements.txt, the packages in the image, to OUT."""
    out.parent.mkdir(parents=True, exist_ok=True)
    run(
        [
            _CYCLONEDX,
            "requirements",
            "requirements.txt",
            "--pyproject",
            "pyproject.toml",
            "--output-file",
            str(out),
        ]
    )


if __name__ == "__main__":
    door(prog_name="python -m deploy")
