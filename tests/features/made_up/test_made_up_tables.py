from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features import tables as kaggle
from features.made_up import write_tables
from features.made_up.rules import exact

CLIENTS = 600
EVERYONE = CLIENTS + 95  # Kaggle has 48,744 test clients beside 307,511
KAGGLE = [value for value in vars(kaggle).values() if isinstance(value, kaggle.RawTable)]


def write(folder: Path, clients: int = CLIENTS, seed: int = 0) -> Path:
    write_tables(folder, clients, seed, lambda _: None, with_true_pd=True)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("made_up"))


def read(folder: Path, table: str) -> pd.DataFrame:
    return pq.read_table(folder / f"{table}.parquet").to_pandas()


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(made, tmp_path):
    again, other = write(tmp_path / "again"), write(tmp_path / "other", seed=1)

    for file in made.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes()
        assert (other / file.name).read_bytes() != file.read_bytes()


@pytest.mark.parametrize("table", KAGGLE, ids=lambda table: table.name)
def test_every_table_has_the_columns_of_kaggle_in_their_order(made, table):
    assert tuple(pq.read_schema(made / f"{table.name}.parquet").names) == table.names


def test_eight_tables_are_checked_against_kaggle():
    assert len(KAGGLE) == 8


def test_train_and_test_share_out_all_client_numbers(made):
    train, test = (read(made, f"application_{part}")["SK_ID_CURR"] for part in ("train", "test"))

    assert (len(train), len(test)) == (CLIENTS, EVERYONE - CLIENTS)
    assert sorted([*train, *test]) == list(range(100_001, 100_001 + EVERYONE))


def test_one_client_is_enough(tmp_path):
    assert len(read(write(tmp_path, clients=1), "application_train")) == 1


def test_progress_rises_to_1(tmp_path):
    seen: list[float] = []

    write_tables(tmp_path, 9_000, 0, seen.append)

    assert seen == [0.5, 1.0]


def test_no_rule_between_columns_and_tables_is_broken(made, asked):
    broken = {difference.subject: difference.found for difference in exact(asked(made))}

    assert len(broken) == 11
    assert set(broken.values()) == {0.0}


def test_a_broken_rule_is_seen(spoiled, asked):
    def reverse(rows: pd.DataFrame) -> None:
        rows["ORGANIZATION_TYPE"] = rows["ORGANIZATION_TYPE"].to_numpy()[::-1]

    found = {
        difference.subject: difference for difference in exact(asked(spoiled(application_train=reverse)))
    }

    assert not found["DAYS_EMPLOYED 365243 where ORGANIZATION_TYPE XNA"].holds
    assert found["OWN_CAR_AGE where FLAG_OWN_CAR"].holds


def test_each_child_row_belongs_to_a_client(made):
    clients = {*read(made, "application_train")["SK_ID_CURR"], *read(made, "application_test")["SK_ID_CURR"]}

    for table in ("bureau", "previous_application", "POS_CASH_balance", "credit_card_balance"):
        assert set(read(made, table)["SK_ID_CURR"]) < clients
    assert set(read(made, "installments_payments")["SK_ID_CURR"]) < clients


def test_a_contract_belongs_to_one_client_in_all_tables(made):
    tables = ("previous_application", "POS_CASH_balance", "credit_card_balance", "installments_payments")
    pairs = pd.concat([read(made, table)[["SK_ID_PREV", "SK_ID_CURR"]] for table in tables]).drop_duplicates()

    assert pairs["SK_ID_PREV"].is_unique


def test_contract_and_credit_numbers_are_never_used_twice(tmp_path):
    folder = write(tmp_path, clients=9_000)  # two groups of clients

    assert read(folder, "bureau")["SK_ID_BUREAU"].is_unique
    assert read(folder, "previous_application")["SK_ID_PREV"].is_unique


def test_months_of_a_balance_are_contiguous_and_past(made):
    for table in ("POS_CASH_balance", "credit_card_balance"):
        months = (
            read(made, table).groupby("SK_ID_PREV")["MONTHS_BALANCE"].agg(["min", "max", "count", "nunique"])
        )

        assert (months["max"] - months["min"] + 1 == months["count"]).all()
        assert (months["count"] == months["nunique"]).all()
        assert months["max"].max() == -1
        assert months["min"].min() >= -96


def test_instalments_are_numbered_from_1_without_gap(made):
    numbers = read(made, "installments_payments").groupby("SK_ID_PREV")["NUM_INSTALMENT_NUMBER"]

    assert (numbers.min() == 1).all()
    assert (numbers.max() == numbers.nunique()).all()


def test_money_has_at_most_three_decimals(made):
    for table, name in (
        ("application_train", "AMT_ANNUITY"),
        ("installments_payments", "AMT_PAYMENT"),
        ("credit_card_balance", "AMT_BALANCE"),
        ("bureau", "AMT_CREDIT_SUM_DEBT"),
    ):
        amounts = read(made, table)[name].dropna().to_numpy()

        assert (np.round(amounts, 3) == amounts).all()


def test_the_true_probability_explains_the_target(large):
    clients = read(large, "application_train")[["SK_ID_CURR", "TARGET"]].merge(read(large, "true_pd"))

    by_tenth = clients.groupby(pd.qcut(clients["TRUE_PD"], 10, labels=False))[["TARGET", "TRUE_PD"]].mean()

    assert (by_tenth["TARGET"] - by_tenth["TRUE_PD"]).abs().max() < 0.03
    assert by_tenth["TARGET"].iloc[-1] > 20 * by_tenth["TARGET"].iloc[:3].mean()
