"""python -m profiling: what the work of Octroi costs, measured and written down."""

import tempfile
from pathlib import Path

import click

from doors import Door, Output, progress
from profiling.feature_bench import measure
from profiling.feature_report import as_json, as_markdown
from profiling.pandas_features import build_with_pandas

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
    (out / "features.json").write_text(as_json(bench), encoding="utf-8")
    (out / "features.md").write_text(as_markdown(bench), encoding="utf-8")
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


if __name__ == "__main__":
    profiling(prog_name="python -m profiling")
