"""The door of conversion: `python -m conversion --help`."""

from pathlib import Path

import click

from conversion.convert import convert
from conversion.portrait import portrait
from conversion.source import FOREIGN_THRESHOLD, SourceBundle
from conversion.verify import verify
from credit.errors import InvalidModel
from doors import Door, Output, progress
from runners.certificate import Certificate

PATH = click.Path(path_type=Path)


@click.group(cls=Door)
def door() -> None:
    """From a LightGBM model to an ONNX model that is proved equal to it."""


@door.command("convert")
@click.argument("model", type=PATH)
@click.option("--out", type=Output(folder=True), help="Folder to write; a bundle folder may be its own.")
def convert_command(model: Path, out: Path | None) -> None:
    """Convert MODEL, a bundle folder or a LightGBM text model; write model.onnx and certificate.json."""
    if out is None and not model.is_dir():
        raise InvalidModel(f"{model} is not a bundle folder: say where to write with --out DIR")
    target = out or model
    with progress("Converting and certifying") as report:
        certificate = convert(model, target, report)
    click.echo(f"{target}: {_told(certificate)}")
    if SourceBundle.open(model).policy_threshold is None and certificate.output == "probability":
        click.echo(f"There is no policy.json, so flips were counted at {FOREIGN_THRESHOLD}.")


@door.command("verify")
@click.argument("bundle", type=PATH)
def verify_command(bundle: Path) -> None:
    """Prove the certificate of BUNDLE again, on all its rows."""
    with progress("Verifying") as report:
        certificate = verify(bundle, report)
    click.echo(f"{bundle}: {_told(certificate)}")


@door.command("publish")
@click.argument("bundle", type=PATH)
def publish_command(bundle: Path) -> None:
    """Save BUNDLE, which must be certified, in the BentoML model store; print its tag."""
    # BentoML takes two seconds to import, which the other commands and the child process do without.
    from conversion.publish import publish  # noqa: PLC0415

    click.echo(publish(bundle))


@door.command("inspect")
@click.argument("model", type=PATH)
def inspect_command(model: Path) -> None:
    """Show trees, leaves, depth, features, categories, objective and sizes of MODEL."""
    for line in portrait(model):
        click.echo(line)


def _told(certificate: Certificate) -> str:
    kind = "relative " if certificate.output == "value" else ""
    return (
        f"equal to LightGBM on {certificate.rows:,} rows at batch sizes "
        f"{', '.join(map(str, certificate.batch_sizes))}: largest {kind}difference "
        f"{certificate.max_difference:.2g}, {certificate.flips} flips at {certificate.threshold:g}"
    )


if __name__ == "__main__":
    door(prog_name="python -m conversion")
