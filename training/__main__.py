"""The door of training: `python -m training --help`."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from credit.cost import Costs
from credit.errors import InvalidSettings, InvalidTables
from doors import Door, Output, progress
from features.catalogue import candidates
from runners.bundle import MODEL_NAME, Bundle
from settings import read_settings
from training.comparison import compare, drawn, encoded_folds
from training.contenders import contenders
from training.fit import train
from training.folds import FOLDS
from training.plan import Plan, Tuned
from training.sample import MIN_CLIENTS, Sample, read_sample
from training.selection import ALWAYS_KEPT
from training.trained import Trained

if TYPE_CHECKING:
    from runners.mlflow_store import MlflowStore


@click.group(cls=Door)
def door() -> None:
    """From features to a model bundle."""


@door.command("fit")
@click.option(
    "--features",
    "features_file",
    type=click.Path(path_type=Path),
    required=True,
    help="The Parquet file of python -m features build.",
)
@click.option("--out", type=Output(folder=True), required=True, help="Folder of the bundle to write.")
@click.option(
    "--features-kept",
    type=click.IntRange(min=len(ALWAYS_KEPT)),
    default=125,
    show_default=True,
    help=f"How many features the model uses, the {len(ALWAYS_KEPT)} of the public form among them.",
)
@click.option(
    "--trials",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Parameter sets to try out, the defaults first; 0 takes the defaults.",
)
@click.option(
    "--cost-fn", type=float, default=Costs().fn, show_default=True, help="Cost of a missed default."
)
@click.option(
    "--cost-fp", type=float, default=Costs().fp, show_default=True, help="Cost of a refused good client."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**31 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same model.",
)
@click.option(
    "--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Cores to train on."
)
@click.option(
    "--track/--no-track", "tracked", default=True, help="Log the bundle to MLflow, as the challenger."
)
def fit_command(  # noqa: PLR0913, PLR0917  # one for each option
    features_file: Path,
    out: Path,
    features_kept: int,
    trials: int,
    cost_fn: float,
    cost_fp: float,
    seed: int,
    threads: int,
    tracked: bool,
) -> None:
    """Train a model and write its bundle.

    \b
    A minute on 20,000 clients, with the default parameters:
      python -m training fit --features features.parquet --out bundle --trials 0
    Then make it servable:
      python -m conversion convert bundle && python -m conversion publish bundle

    The bundle holds model.txt, schema.json (features and codes), policy.json (costs and threshold),
    metrics.json, MODEL_CARD.md to read first, and figures/.

    Every number is measured on clients that the scoring model had not met: each of five folds selects
    features, learns categories and stops on its own clients. The threshold is cost-fp / (cost-fp + cost-fn),
    unless the clients contradict it. The same file, seed, threads and versions give the same model.

    The bundle is logged to MLflow and registered as the challenger: python -m training models lists what is.
    """
    from training.bundle_files import write_bundle  # noqa: PLC0415  # only this command draws

    if out.exists() and not (out / "model.txt").exists() and any(out.iterdir()):
        raise InvalidTables(f"{out} exists and is no model bundle: name another folder")
    plan = Plan(features_kept, seed, threads, Costs(cost_fn, cost_fp))
    sample = read_sample(features_file, candidates())
    if trials:
        plan = replace(plan, tuned=_tuned(sample, plan, trials))
    with progress(f"Training on {len(sample):,} clients") as report:
        trained = train(sample, candidates(), plan, report)
    with progress("Drawing figures"):
        write_bundle(trained, out)
    _tell(trained, out)
    if tracked:
        _track(out)


def _tuned(sample: Sample, plan: Plan, trials: int) -> Tuned:
    from training.tuning import tune  # noqa: PLC0415  # only a tuning loads Optuna

    with progress(f"Trying {trials} parameter sets") as report:
        return tune(sample, candidates(), plan, trials, report)


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


@door.command("track")
@click.argument("bundle", type=click.Path(path_type=Path))
def track_command(bundle: Path) -> None:
    """Log the bundle of a training to MLflow, as the challenger, when fit did not."""
    _track(bundle)


def _track(bundle: Path) -> None:
    from training.tracking import track  # noqa: PLC0415  # loading MLflow takes seconds

    opened = Bundle.open(bundle)
    try:
        with progress("Logging to MLflow"):
            tracked = track(_mlflow(create=True), opened)
    except InvalidSettings as error:
        raise InvalidSettings(
            f"{error}; the bundle stays: log it later with python -m training track {bundle}"
        ) from error
    click.echo(
        f"MLflow run {tracked.run_id}: version {tracked.version} of {MODEL_NAME}, the challenger; "
        f"list: python -m training models; look: {tracked.look}"
    )


def _mlflow(*, create: bool = False) -> "MlflowStore":
    from runners.mlflow_store import MlflowStore  # noqa: PLC0415  # loading MLflow takes seconds

    settings = read_settings()
    uri = settings.tracking_store
    if create:
        settings.data.mkdir(parents=True, exist_ok=True)
    return MlflowStore(uri, settings.data / "mlartifacts", create=create)


@door.command("models")
def models_command() -> None:
    """List the registered versions of the model, newest first."""
    from training.registry import Registry  # noqa: PLC0415  # loading MLflow takes seconds

    titles = ("version", "alias", f"{MODEL_NAME}:", "trained", "AUC", "cost")
    table = Table(*titles, box=None, padding=(0, 1, 0, 0))
    for version in Registry(_mlflow()).versions():
        table.add_row(
            str(version.number),
            ", ".join(version.aliases),
            version.model.removeprefix(f"{MODEL_NAME}:"),
            f"{version.registered:%Y-%m-%d %H:%M}",
            _shown(version.auc),
            _shown(version.cost_per_client),
        )
    Console().print(table)


def _shown(measured: float | None) -> str:
    return "" if measured is None else f"{measured:.4f}"


@door.command("promote")
@click.option("--version", "number", type=click.IntRange(min=1), help="A version, instead of the challenger.")
@click.option(
    "--rollback", is_flag=True, help="Back to the version that was champion before; again, further."
)
def promote_command(number: int | None, rollback: bool) -> None:
    """Make the challenger the champion, or go back.

    This moves a name in MLflow and changes nothing that is served. What is served is published next:

    \b
      python -m conversion convert BUNDLE
      python -m conversion publish BUNDLE

    A service whose OCTROI_MODEL is mlflow://octroi-credit@champion takes it from there when it next starts.
    """
    from training.promotion import promote, roll_back  # noqa: PLC0415  # loading MLflow takes seconds
    from training.registry import Registry  # noqa: PLC0415

    if rollback and number is not None:
        raise click.UsageError("--rollback finds the version itself: leave --version out")
    registry = Registry(_mlflow())
    promotion = roll_back(registry) if rollback else promote(registry, number)
    champion, before = promotion.champion, promotion.before
    said = "" if before is None else f"; before it: version {before.number}"
    if before == champion:
        said = ", as before: the challenger is the champion already" if number is None else ", as before"
    click.echo(f"champion: version {champion.number}, {champion.model}{said}")
    click.echo(f"its bundle: {champion.bundle}")


@door.command("compare")
@click.option(
    "--features",
    "features_file",
    type=click.Path(path_type=Path),
    required=True,
    help="The Parquet file of python -m features build.",
)
@click.option("--out", type=Output(folder=True), required=True, help="Folder of the report to write.")
@click.option(
    "--features-kept",
    type=click.IntRange(min=len(ALWAYS_KEPT)),
    default=125,
    show_default=True,
    help="How many features the models learn from, as in fit.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**31 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same table, but for the times.",
)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Cores to fit on.")
@click.option(
    "--sample", "clients", type=click.IntRange(min=MIN_CLIENTS), help="Only so many clients, drawn at random."
)
def compare_command(
    features_file: Path, out: Path, features_kept: int, seed: int, threads: int, clients: int | None
) -> None:
    """Compare six kinds of model on the same folds and features, in quality, cost and time.

    \b
    Some minutes on 20,000 clients:
      python -m training compare --features features.parquet --out comparison

    Writes comparison.json, comparison.md and comparison.png. Logistic regression, random forest, LightGBM,
    XGBoost, CatBoost and a neural network, none of them tuned, on the folds that fit measures on.
    """
    from training import comparison_report as written  # noqa: PLC0415  # only this command draws with it

    entrants = contenders(seed, threads)
    load = os.getloadavg()[0]
    sample = read_sample(features_file, candidates())
    if clients is not None:
        sample = drawn(sample, clients, seed)
    with progress(f"Comparing on {len(sample):,} clients") as report, threadpool_limits(threads):
        standings = compare(
            entrants,
            encoded_folds(candidates(), sample, Plan(features_kept, seed, threads)),
            sample.defaulted,
            Costs(),
            lambda trials: report(trials / (len(entrants) * FOLDS)),
        )
    defaults = int(sample.defaulted.sum())
    comparison = written.Comparison(standings, len(sample), defaults, FOLDS, seed, threads, load, Costs())
    written.write_comparison(comparison, out)
    Console().print(written.table(comparison))
    click.echo(f"Wrote {', '.join(str(out / name) for name in written.FILES)}.")


if __name__ == "__main__":
    door(prog_name="python -m training")
