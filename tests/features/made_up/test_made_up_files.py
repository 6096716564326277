"""Files of made-up tables: as Kaggle writes them, whole or not at all, and never in the place of others."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import InvalidTables
from features import tables as kaggle
from features.made_up import layout, write_tables

ROOT = Path(__file__).parents[3]
TABLES = [value for value in vars(kaggle).values() if isinstance(value, kaggle.RawTable)]
CLIENTS = 300

# What pandas calls the columns of Kaggle's files: a column of whole numbers that misses one is a float.
WHOLE = {
    "application_train": "CNT_CHILDREN DAYS_BIRTH DAYS_EMPLOYED DAYS_ID_PUBLISH HOUR_APPR_PROCESS_START "
    "FLAG_MOBIL REGION_RATING_CLIENT REG_CITY_NOT_WORK_CITY FLAG_DOCUMENT_21",
    "bureau": "DAYS_CREDIT CREDIT_DAY_OVERDUE CNT_CREDIT_PROLONG DAYS_CREDIT_UPDATE",
    "bureau_balance": "MONTHS_BALANCE",
    "previous_application": "HOUR_APPR_PROCESS_START NFLAG_LAST_APPL_IN_DAY DAYS_DECISION SELLERPLACE_AREA",
    "POS_CASH_balance": "MONTHS_BALANCE SK_DPD SK_DPD_DEF",
    "credit_card_balance": "MONTHS_BALANCE AMT_CREDIT_LIMIT_ACTUAL CNT_DRAWINGS_CURRENT SK_DPD SK_DPD_DEF",
    "installments_payments": "NUM_INSTALMENT_NUMBER",
}
DECIMAL = {
    "application_train": "AMT_INCOME_TOTAL AMT_CREDIT AMT_ANNUITY DAYS_REGISTRATION OWN_CAR_AGE "
    "CNT_FAM_MEMBERS EXT_SOURCE_2 OBS_30_CNT_SOCIAL_CIRCLE DAYS_LAST_PHONE_CHANGE AMT_REQ_CREDIT_BUREAU_YEAR",
    "bureau": "DAYS_CREDIT_ENDDATE DAYS_ENDDATE_FACT AMT_CREDIT_MAX_OVERDUE AMT_CREDIT_SUM AMT_ANNUITY",
    "previous_application": "AMT_ANNUITY CNT_PAYMENT DAYS_FIRST_DRAWING DAYS_TERMINATION RATE_DOWN_PAYMENT",
    "POS_CASH_balance": "CNT_INSTALMENT CNT_INSTALMENT_FUTURE",
    "credit_card_balance": "AMT_BALANCE CNT_DRAWINGS_ATM_CURRENT CNT_INSTALMENT_MATURE_CUM",
    "installments_payments": "NUM_INSTALMENT_VERSION DAYS_INSTALMENT DAYS_ENTRY_PAYMENT AMT_PAYMENT",
}


def write(folder: Path, seed: int = 0, file_format: str = "parquet", **options: bool) -> Path:
    write_tables(folder, CLIENTS, seed, lambda _: None, file_format, **options)
    return folder


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("csv"), file_format="csv")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_csv_holds_what_parquet_holds(csv, tmp_path):
    made = write(tmp_path)

    for table in TABLES:
        text = pd.read_csv(csv / f"{table.name}.csv", float_precision="round_trip")
        expected = pq.read_table(made / f"{table.name}.parquet").to_pandas()
        for name in expected:
            assert (text[name].isna() == expected[name].isna()).all()
            assert text[name].dropna().tolist() == expected[name].dropna().tolist()


@pytest.mark.parametrize(("table", "columns"), WHOLE.items())
def test_csv_writes_whole_numbers_without_a_point(csv, table, columns):
    rows = pd.read_csv(csv / f"{table}.csv", dtype=str)

    for name in columns.split():
        assert rows[name].str.fullmatch(r"-?\d+").all(), name


@pytest.mark.parametrize(("table", "columns"), DECIMAL.items())
def test_csv_writes_a_point_where_a_value_may_be_missing_or_have_decimals(csv, table, columns):
    rows = pd.read_csv(csv / f"{table}.csv", dtype=str)

    for name in columns.split():
        known = rows[name].dropna()
        assert len(known) > 0, name
        assert known.str.fullmatch(r"-?\d+\.\d+(e-\d+)?").all(), name


def test_every_type_follows_kaggles(csv):
    integers, doubles = pa.int64(), pa.float64()

    for table, columns in WHOLE.items():
        assert {layout.schema(table).field(name).type for name in columns.split()} == {integers}
    for table, columns in DECIMAL.items():
        assert {layout.schema(table).field(name).type for name in columns.split()} == {doubles}


def test_csv_quotes_words_with_a_comma_and_nothing_else(csv):
    lines = (csv / "application_train.csv").read_text().splitlines()

    assert lines[0].startswith("SK_ID_CURR,TARGET,NAME_CONTRACT_TYPE,")
    quoted = {word for line in lines for word in line.split('"')[1::2]}
    assert quoted == {"Spouse, partner", "Stone, brick"}


def test_an_unknown_format_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(InvalidTables, match="parquet or csv, not 'xlsx'"):
        write(tmp_path / "new", file_format="xlsx")

    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("first", "second"), [("csv", "parquet"), ("parquet", "csv")])
def test_tables_made_up_before_are_replaced_whatever_their_format(tmp_path, first, second):
    write(tmp_path, seed=1, file_format=first, with_true_pd=True)

    write(tmp_path, file_format=second)

    assert names(tmp_path) == {"made_up.json", *(f"{table.name}.{second}" for table in TABLES)}
    assert json.loads((tmp_path / "made_up.json").read_text()) == {"clients": CLIENTS, "seed": 0}


def test_tables_that_were_not_made_up_are_never_replaced(tmp_path):
    (tmp_path / "bureau.csv").write_text("SK_ID_CURR\n1\n")

    with pytest.raises(InvalidTables, match=r"holds bureau\.csv, which was not made up: name another folder"):
        write(tmp_path)

    assert contents(tmp_path) == {"bureau.csv": b"SK_ID_CURR\n1\n"}


def test_files_of_other_names_stay(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    write(tmp_path)

    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_failure_halfway_leaves_what_was_there_before(tmp_path, file_format):
    def fail(_: float) -> None:
        raise OSError(28, "No space left on device")

    before = contents(write(tmp_path))

    with pytest.raises(OSError, match="No space left"):
        write_tables(tmp_path, CLIENTS, 1, fail, file_format)

    assert contents(tmp_path) == before


def test_killed_halfway_no_table_is_there_and_the_next_run_clears_up(tmp_path):
    out = tmp_path / "raw"
    command = [sys.executable, "-m", "features", "synth", "--clients", "300000", "--out", str(out)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            while process.poll() is None and not list(out.glob(".unfinished/*.parquet")):
                time.sleep(0.05)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert names(out) == {".unfinished"}

    write(out)

    assert names(out) == {"made_up.json", *(f"{table.name}.parquet" for table in TABLES)}
