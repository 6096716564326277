"""python -m features: made-up tables, features from raw tables, the data dictionary."""

import sys
from pathlib import Path

import click
from rich.console import Console

from doors import Door, Output, progress
from features.build import ENGINES, BuildSummary, build
from features.catalogue import candidates, sections
from features.dictionary import markdown
from features.made_up import write_tables
from features.made_up.verdict import faults, fidelity_help, verdict

FOLDER = click.Path(path_type=Path, file_okay=False)
_PLAIN_WIDTH = 160
"""Of a table that goes into a file or a pipe."""
_NAMED = 5


@click.group(cls=Door)
def features() -> None:
    """Raw Home Credit tables to one row per client.

    \b
    Without Kaggle's data, make tables up, then build:
      python -m features synth --clients 20000 --seed 0 --out raw
      python -m features build --raw raw --out features.parquet

    \b
    Made-up tables are as the real ones are in what is known of these:
      python -m features fidelity --raw raw

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


@features.command(help=fidelity_help())
@click.option(
    "--raw", type=FOLDER, required=True, help="Folder with the seven tables, .csv or .parquet each."
)
@click.option("--all", "everything", is_flag=True, help="Show every measure, not the nearest of each kind.")
def fidelity(raw: Path, everything: bool) -> None:
    """Hold tables against the statistics of the real ones; the help tells how."""
    from features.made_up.fidelity import differences  # noqa: PLC0415  # LightGBM takes its time to load

    with progress("Measuring the tables") as report:
        measured = differences(raw, report)
    Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH).print(
        verdict(measured, everything=everything)
    )
    if found := faults(measured):
        named = ", ".join(f"{one.measure} of {one.subject}" for one in found[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise click.ClickException(f"{len(found)} of {len(measured)} measures fail: {named}{more}")
    click.echo(f"All {len(measured)} measures of {raw} hold.")


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
