"""The pandas version of the features is what it is measured as: the same features."""

import pyarrow.parquet as pq
import pytest

from features.build import build
from features.client_row import file_schema
from features.made_up import write_tables
from features.tables import CLIENT
from profiling.agreement import compare
from profiling.pandas_features import build_with_pandas
from profiling.scattered import scatter


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """400 made-up clients, their rows scattered; their features by DuckDB and by pandas."""
    folder = tmp_path_factory.mktemp("both")
    write_tables(folder / "made-up", 400, 9, lambda _: None)
    scatter(folder / "made-up", folder / "raw")
    build(folder / "raw", folder / "duckdb.parquet", lambda _: None)
    build_with_pandas(folder / "raw", folder / "pandas.parquet")
    return folder


def test_pandas_and_duckdb_compute_the_same_features(both):
    found = compare(both / "duckdb.parquet", both / "pandas.parquet")

    assert (found.missing_differ, found.words_differ) == ((), ())
    assert found.largest <= 1e-9
    assert found.columns == len(file_schema())


def test_scattered_tables_hold_the_same_rows_in_another_order(both):
    name = "installments_payments.parquet"
    made, scattered = (pq.read_table(both / folder / name) for folder in ("made-up", "raw"))
    order = [(column, "ascending") for column in made.column_names]

    assert scattered.sort_by(order).to_pylist() == made.sort_by(order).to_pylist()
    assert (made[CLIENT].to_numpy()[1:] == made[CLIENT].to_numpy()[:-1]).mean() > 0.9
    assert (scattered[CLIENT].to_numpy()[1:] == scattered[CLIENT].to_numpy()[:-1]).mean() < 0.1
