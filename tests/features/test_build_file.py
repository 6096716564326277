"""`features.parquet`: its columns and order, the same bytes from the same rows, and nothing half done."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import InvalidTables
from features.build import build
from features.catalogue import candidates
from features.client_row import file_schema
from features.made_up import write_tables
from features.tables import CLIENT
from profiling.agreement import compare

pytestmark = pytest.mark.no_cover  # what it runs, other tests run; measured along, it takes twice as long
ROOT = Path(__file__).parents[2]


def test_an_infinite_value_is_refused_with_its_file_and_column_and_the_former_file_stays(
    raw_folder, tmp_path
):
    out = tmp_path / "out" / "features.parquet"
    out.parent.mkdir()
    out.write_text("former")
    folder = raw_folder(bureau=[{CLIENT: 100001, "SK_ID_BUREAU": 1, "DAYS_CREDIT": -math.inf}])

    with pytest.raises(
        InvalidTables, match=r"bureau\.parquet: column DAYS_CREDIT is not a number in 1 of 1 rows"
    ):
        build(folder, out, lambda _: None)

    assert (out.read_text(), [file.name for file in out.parent.iterdir()]) == ("former", ["features.parquet"])


def test_an_amount_no_currency_knows_is_refused_with_its_file_and_column(raw_folder, tmp_path):
    folder = raw_folder(bureau=[{CLIENT: 100001, "SK_ID_BUREAU": 1, "AMT_CREDIT_SUM": 1e16}])

    with pytest.raises(
        InvalidTables, match=r"bureau\.parquet: column AMT_CREDIT_SUM is not a number in 1 of 1 rows"
    ):
        build(folder, tmp_path / "features.parquet", lambda _: None)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """300 made-up clients as Parquet, their features, and the progress that building told."""
    folder = tmp_path_factory.mktemp("made-up")
    write_tables(folder / "raw", 300, 8, lambda _: None)
    told: list[float] = []
    build(folder / "raw", folder / "features.parquet", told.append)
    (folder / "progress.json").write_text(json.dumps(told))
    return folder


def test_the_file_has_the_promised_columns_sorted_by_client(made_up):
    table = pq.read_table(made_up / "features.parquet")
    clients = table[CLIENT].to_pylist()

    assert table.schema.equals(file_schema())
    assert table.column_names == [CLIENT, "TARGET", *(feature.name for feature in candidates())]
    assert clients == sorted(set(clients))


def test_progress_runs_from_0_to_1_without_going_back(made_up):
    seen = json.loads((made_up / "progress.json").read_text())

    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_csv_and_parquet_give_the_same_features(made_up, tmp_path):
    write_tables(tmp_path / "csv", 300, 8, lambda _: None, file_format="csv")
    build(tmp_path / "csv", tmp_path / "features.parquet", lambda _: None)

    assert compare(tmp_path / "features.parquet", made_up / "features.parquet").holds


def shuffled(raw: Path, out: Path) -> Path:
    """The tables of *raw* in *out*, the rows of each in another order."""
    out.mkdir()
    for file in raw.glob("*.parquet"):
        rows = pq.read_table(file)
        order = np.random.default_rng(2).permutation(rows.num_rows)
        pq.write_table(rows.take(pa.array(order)), out / file.name)
    return out


def test_the_order_of_the_raw_rows_does_not_show_in_a_single_byte(made_up, tmp_path):
    build(shuffled(made_up / "raw", tmp_path / "raw"), tmp_path / "features.parquet", lambda _: None)

    assert (tmp_path / "features.parquet").read_bytes() == (made_up / "features.parquet").read_bytes()


def test_without_pyspark_one_sentence_says_what_to_install(made_up, tmp_path):
    hide = "import sys; sys.modules['pyspark'] = sys.modules['py4j'] = None"
    door = [sys.executable, "-c", f"{hide}; from features.__main__ import features; features()", "build"]
    paths = ["--raw", made_up / "raw", "--out", tmp_path / "features.parquet"]

    done = subprocess.run([*door, *paths, "--engine", "spark"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    assert "the engine spark needs" in done.stderr
    assert "make setup-spark" in done.stderr
    assert "Traceback" not in done.stderr
