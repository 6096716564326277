"""All features of all clients, by DuckDB and by pandas, side by side."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from features.made_up import write_tables
from profiling.agreement import Agreement, compare
from profiling.machine import Machine, this_machine
from profiling.origin import Origin, this_origin
from profiling.process import Cost, cost_of
from profiling.scattered import scatter

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class FeatureBench:
    """The same features twice, and what each way cost."""

    machine: Machine
    origin: Origin
    seed: int
    """Of the made-up tables."""
    clients: int
    rows: int
    """Of all seven raw tables."""
    features: int
    duckdb: Cost
    pandas: Cost
    agreement: Agreement

    @property
    def speedup(self) -> float:
        return self.pandas.seconds / self.duckdb.seconds


def measure(clients: int, seed: int, folder: Path, report: Report) -> FeatureBench:
    """Make tables of *clients* up in *folder*, and build their features twice, one after the other."""
    made, raw = folder / "made-up", folder / "raw"
    write_tables(made, clients, seed, lambda done: report(0.25 * done))
    scatter(made, raw)
    report(0.35)
    machine, origin = this_machine(), this_origin()
    ours, theirs = folder / "duckdb.parquet", folder / "pandas.parquet"
    duckdb = cost_of([*_python("features"), "build", "--raw", str(raw), "--out", str(ours)])
    report(0.5)
    pandas = cost_of([*_python("profiling"), "pandas-features", "--raw", str(raw), "--out", str(theirs)])
    report(0.9)
    built = pq.read_metadata(ours)
    rows = sum(pq.read_metadata(file).num_rows for file in raw.glob("*.parquet"))
    features = built.num_columns - 2
    agreement = compare(ours, theirs)
    return FeatureBench(machine, origin, seed, built.num_rows, rows, features, duckdb, pandas, agreement)


def _python(room: str) -> list[str]:
    return [sys.executable, "-m", room]
