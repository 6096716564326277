"""python -m features: made-up tables, features from raw tables, the data dictionary."""

from pathlib import Path

import click

from doors import Door, Output, progress
from features.build import ENGINES, BuildSummary, build
from features.catalogue import candidates, sections
from features.dictionary import markdown
from features.made_up import write_tables

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(cls=Door)
def features() -> None:
    """Raw Home Credit tables to one row per client.

    \b
    Without Kaggle's data, make tables up, then build:
      python -m features synth --clients 20000 --seed 0 --out raw
      python -m features build --raw raw --out features.parquet

    With Kaggle's data, put its files as they are into a folder and build from it.
    """


@features.command()
@click.option(
    "--clients", type=click.IntRange(min=1), required=True, help="How many clients, in both applications."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The same seed gives the same tables.",
)
@click.option("--out", type=Output(folder=True), required=True, help="Folder to write the tables into.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="CSV is what Kaggle gives; Parquet is smaller and faster.",
)
@click.option(
    "--true-pd", is_flag=True, help="Also write each client's true probability of default, for studies."
)
def synth(clients: int, seed: int, out: Path, file_format: str, true_pd: bool) -> None:
    """Make up the seven tables, under Kaggle's names.

    They hold no real client: only the statistics of Home Credit's tables are imitated.
    """
    with progress(f"Making up {clients:,} clients") as report:
        write_tables(out, clients, seed, report, file_format=file_format, with_true_pd=true_pd)
    size = sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    click.echo(f"Wrote the tables of {clients:,} made-up clients to {out} ({size / 1e6:,.0f} MB).")


@features.command(name="build")
@click.option(
    "--raw", type=FOLDER, required=True, help="Folder with the seven tables, .csv or .parquet each."
)
@click.option("--out", type=Output(), required=True, help="Parquet file to write.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="What computes the features.",
)
def build_command(raw: Path, out: Path, engine: str) -> None:
    """Compute every candidate feature: one row per client, sorted by SK_ID_CURR.

    Files are read as Kaggle gives them. Rows of clients in neither application are ignored and counted.
    """
    with progress(f"Building features with {engine}") as report:
        summary = build(raw, out, report, engine)
    click.echo(_sentence(summary, out))


def _sentence(summary: BuildSummary, out: Path) -> str:
    ignored = [f"{rows:,} of {table}" for table, rows in summary.ignored.items() if rows]
    aside = f" Ignored rows of unknown clients: {', '.join(ignored)}." if ignored else ""
    return (
        f"Wrote {summary.features} features of {summary.clients:,} clients "
        f"({summary.with_outcome:,} with TARGET) to {out}.{aside}"
    )


@features.command()
@click.option(
    "--out",
    type=Output(),
    default=Path("docs/data-dictionary.md"),
    show_default=True,
    help="Markdown file to write.",
)
def dictionary(out: Path) -> None:
    """Write the data dictionary: name, meaning, unit and limits of every candidate feature."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(markdown(sections()), encoding="utf-8")
    click.echo(f"Wrote {len(candidates())} features to {out}.")


if __name__ == "__main__":
    features(prog_name="python -m features")
