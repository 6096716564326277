"""The door of training: `python -m training --help`."""

from pathlib import Path

import click

from credit.errors import InvalidTables
from doors import Door, Output, progress
from features.catalogue import candidates
from training.fit import Plan, Trained, train, write_bundle
from training.sample import read_sample


@click.group(cls=Door)
def door() -> None:
    """From features to a model bundle."""


@door.command("fit")
@click.option(
    "--features", "features_file", type=click.Path(path_type=Path), required=True, help="features.parquet"
)
@click.option("--out", type=Output(folder=True), required=True, help="Folder of the bundle to write.")
@click.option(
    "--features-kept",
    type=click.IntRange(min=1),
    default=125,
    show_default=True,
    help="How many features the model uses.",
)
@click.option(
    "--trials",
    type=click.IntRange(0, 0),
    default=0,
    show_default=True,
    help="Parameters to try out; only 0, the default parameters, so far.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The same seed gives the same model.",
)
@click.option(
    "--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Cores to train on."
)
def fit_command(
    features_file: Path, out: Path, features_kept: int, trials: int, seed: int, threads: int
) -> None:
    """Train a model and write its bundle: model.txt, schema.json, policy.json, metrics.json."""
    del trials
    if out.exists() and not (out / "model.txt").exists() and any(out.iterdir()):
        raise InvalidTables(f"{out} exists and is no model bundle: name another folder")
    sample = read_sample(features_file, candidates())
    with progress(f"Training on {len(sample):,} clients") as report:
        trained = train(sample, candidates(), Plan(features_kept, seed, threads), report)
    write_bundle(trained, out)
    _tell(trained, out)


def _tell(trained: Trained, out: Path) -> None:
    metrics = trained.metrics
    click.echo(
        f"{out}: {trained.trees} trees on {trained.schema.width} of {len(trained.schema.features)} features, "
        f"AUC {metrics.auc:.3f}, calibration error {metrics.calibration_error:.4f} (out of fold)"
    )
    click.echo("  threshold  false negatives  false positives  cost per client")
    for outcome in trained.choice.table:
        click.echo(
            f"  {outcome.threshold:9.4f}  {outcome.false_negatives:15,}  {outcome.false_positives:15,}"
            f"  {outcome.per_client:15.4f}"
        )
    click.echo(f"  refuses from {trained.policy.threshold:.4f} on")


if __name__ == "__main__":
    door(prog_name="python -m training")
