"""python -m profiling: what the work of Octroi costs, measured and written down."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click

from doors import Door, Output, progress
from profiling import feature_report
from profiling.feature_bench import measure
from profiling.pandas_features import build_with_pandas
from profiling.target import Target
from settings import read_settings

_OUT = "Folder for performance.md and performance/, with tables, figures and JSON."
HOME_CREDIT = 307_511
"""Clients with an outcome in Kaggle's tables."""


@click.group(cls=Door)
def profiling() -> None:
    """Measure, and write the tables of docs/performance."""


@profiling.command()
@click.option(
    "--clients",
    type=click.IntRange(min=1),
    default=HOME_CREDIT,
    show_default=True,
    help="How many made-up clients with an outcome; the default is Home Credit's size.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--out",
    type=Output(folder=True),
    default=Path("docs/performance"),
    show_default=True,
    help="Folder for features.md and features.json.",
)
@click.option(
    "--work",
    type=Output(folder=True),
    default=Path("var"),
    show_default=True,
    help="Folder with room for the tables, removed at the end.",
)
def features(clients: int, seed: int, out: Path, work: Path) -> None:
    """Build all features with DuckDB and with pandas: time and peak memory of both."""
    work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="profiling-", dir=work) as folder,
        progress(f"Features of {clients:,} clients, twice") as report,
    ):
        bench = measure(clients, seed, Path(folder), report)
    out.mkdir(parents=True, exist_ok=True)
    (out / "features.json").write_text(feature_report.as_json(bench), encoding="utf-8")
    (out / "features.md").write_text(feature_report.as_markdown(bench), encoding="utf-8")
    click.echo(
        f"DuckDB {bench.duckdb.seconds:.0f} s, pandas {bench.pandas.seconds:.0f} s: {out / 'features.md'}"
    )
    if not bench.agreement.holds:
        raise click.ClickException("the two files of features differ")


@profiling.command()
@click.option("--raw", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--out", type=Output(), required=True)
def pandas_features(raw: Path, out: Path) -> None:
    """Build all features with pandas, from Parquet tables; what `features` measures beside DuckDB."""
    build_with_pandas(raw, out)


@profiling.command()
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Converted bundle to serve; by default what OCTROI_MODEL names.",
)
@click.option("--seconds", type=click.IntRange(min=2), default=6, show_default=True, help="Of each run.")
@click.option("--bodies", "count", type=click.IntRange(min=16), default=200, show_default=True)
@click.option(
    "--out",
    type=Output(folder=True),
    default=Path("docs"),
    show_default=True,
    help=_OUT,
)
def peers(bundle: Path | None, seconds: int, count: int, out: Path) -> None:
    """Serve a model with Octroi and by three other designs, load them in turn, and compare.

    wrk makes the load where it is installed (in Debian: apt-get install wrk), else clients of our own.
    """
    from profiling import serving_report  # noqa: PLC0415
    from profiling.serving_bench import measure_serving  # noqa: PLC0415  # loads the service's own parts

    settings = read_settings()
    names = str(bundle.absolute()) if bundle else settings.model
    with progress("Octroi and its peers") as report:
        bench = measure_serving(names, settings.remotes, seconds, count, report)
    _write(out, "serving", serving_report, bench)
    _end(bench.targets())


@profiling.command()
@click.option(
    "--model",
    type=click.Path(path_type=Path, exists=True),
    help="Bundle, or LightGBM text model; by default what OCTROI_MODEL names.",
)
@click.option("--rounds", type=click.IntRange(min=2), default=7, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.01),
    default=0.15,
    show_default=True,
    help="Of each engine at each batch size in each round.",
)
@click.option("--grid", is_flag=True, help="Also made models of nine sizes, and two threads. Takes long.")
@click.option("--out", type=Output(folder=True), default=Path("docs"), show_default=True, help=_OUT)
def latency(model: Path | None, rounds: int, seconds: float, grid: bool, out: Path) -> None:
    """Time a model by every engine that can walk its trees: LightGBM in three ways, ONNX in three."""
    from profiling.latency import report as latency_report  # noqa: PLC0415
    from profiling.latency.rounds import Effort  # noqa: PLC0415
    from profiling.latency.suite import measure_latency  # noqa: PLC0415  # loads LightGBM, ONNX and pandas
    from runners.source import open_bundle  # noqa: PLC0415

    settings = read_settings()
    source = model or open_bundle(settings.model, settings.remotes).folder
    with progress("Engines") as report:
        bench = measure_latency(source, Effort(rounds, seconds), with_grid=grid, report=report)
    _write(out, "latency", latency_report, bench)
    _end(latency_report.targets(bench))


@profiling.command()
@click.option("--seconds", type=click.IntRange(min=1), default=5, show_default=True, help="Of each run.")
@click.option("--bodies", "count", type=click.IntRange(min=16), default=200, show_default=True)
@click.option("--out", type=Output(folder=True), default=Path("docs"), show_default=True, help=_OUT)
def request(seconds: int, count: int, out: Path) -> None:
    """Take one request apart: its parts alone, cProfile in the worker, looks of py-spy from outside."""
    from profiling.request import report as request_report  # noqa: PLC0415
    from profiling.request.bench import measure_request  # noqa: PLC0415  # loads the service's own parts
    from runners.source import open_bundle  # noqa: PLC0415

    settings = read_settings()
    bundle = open_bundle(settings.model, settings.remotes)
    with progress("One request") as report:
        bench = measure_request(bundle, settings.child_environment(), seconds, count, report)
    page = _write(out, "request", request_report, bench)
    click.echo(f"{bench.product.cpu_us:.0f} µs of processor for each request: {page}")


@profiling.command()
@click.option("--out", type=Output(folder=True), default=Path("docs"), show_default=True, help=_OUT)
def story(out: Path) -> None:
    """Tell what the measurements of latency, request and peers say, as performance.md."""
    from profiling.story import Measurements, as_markdown  # noqa: PLC0415

    page = as_markdown(Measurements.read(out / "performance"))
    (out / "performance.md").write_text(page, encoding="utf-8")
    click.echo(out / "performance.md")


def _write(out: Path, name: str, report: ModuleType, bench: object) -> Path:
    """Have *report* write *bench* as pictures, JSON and a page; where the page is."""
    from profiling.figures import save  # noqa: PLC0415  # loads matplotlib

    folder = out / "performance"
    save(report.figures(bench), folder)
    (folder / f"{name}.json").write_text(report.as_json(bench), encoding="utf-8")
    page = folder / f"{name}.md"
    page.write_text(report.as_markdown(bench), encoding="utf-8")
    return page


def _end(targets: Sequence[Target]) -> None:
    """Tell which targets hold; end with status 1 unless all do."""
    for one in targets:
        click.echo(f"{'holds ' if one.holds else 'MISSED'} {one.measured:8.3g}  {one.what}")
    if not all(one.holds for one in targets):
        raise click.ClickException("not every target holds on this machine")


if __name__ == "__main__":
    profiling(prog_name="python -m profiling")
