"""The bench of the features as a page and as JSON."""

import json
from dataclasses import asdict
from importlib.metadata import version

from profiling.feature_bench import FeatureBench
from profiling.process import Cost

_PAGE = """\
# All features at full size

Written by `make bench-full`; do not edit.

{features} features of {clients:,} made-up clients from {rows:,} rows in seven tables, as Parquet,
the rows scattered as in Kaggle's files.
{machine} {memory:.0f} GB of memory. {origin} Tables by seed {seed}.

| | seconds | processor seconds | peak memory |
|---|---|---|---|
| `features build`, DuckDB {duckdb} | {ours} |
| the same features by pandas {pandas} | {theirs} |

DuckDB is {speedup:.1f} times as fast as pandas. {agreement}

Both read the same tables and write the same columns, each in a process of its own, one after the other.
The pandas version (`profiling/pandas_features.py`) computes the same declared list: words as categories,
one `groupby` for each group of rows, and one call for each function over all of its columns.
"""


def as_markdown(bench: FeatureBench) -> str:
    """The page for people."""
    return _PAGE.format(
        features=bench.features,
        clients=bench.clients,
        rows=bench.rows,
        machine=bench.machine.sentence,
        memory=bench.machine.memory_bytes / 1e9,
        origin=bench.origin.sentence,
        seed=bench.seed,
        duckdb=version("duckdb"),
        pandas=version("pandas"),
        ours=_cells(bench.duckdb),
        theirs=_cells(bench.pandas),
        speedup=bench.speedup,
        agreement=_agreement(bench),
    )


def as_json(bench: FeatureBench) -> str:
    """The same numbers for programs."""
    return json.dumps(asdict(bench) | {"speedup": bench.speedup}, indent=1) + "\n"


def _cells(cost: Cost) -> str:
    return f"{cost.seconds:.0f} | {cost.cpu_seconds:.0f} | {cost.peak_bytes / 1e9:.2f} GB"


def _agreement(bench: FeatureBench) -> str:
    found = bench.agreement
    if not found.holds:
        differing = [*found.missing_differ, *found.words_differ]
        numbers = f"numbers differ by up to {found.largest:.0e} of their size, in {found.largest_in}"
        others = f"; other values are missing, or other words there, in {', '.join(differing)}"
        return f"The two files DIFFER: {numbers}{others if differing else ''}."
    return (
        "The two files hold the same: the same values are missing, the words are equal, "
        f"and numbers differ by at most {found.largest:.0e} of their size."
    )
