"""The 40 names of the example mean what the public "LightGBM with simple features" recipe means by them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.build import build
from features.made_up import write_tables

EXAMPLE = Path(__file__).parents[2] / "docs/examples/predict_40.json"
NAMES = json.loads(EXAMPLE.read_text())


def _sum(values: pd.Series) -> float:
    """A sum over nothing is missing: the one departure from the recipe."""
    return values.sum(min_count=1)


def _recipe(raw: Path) -> pd.DataFrame:
    """The recipe, as published, for the tables in *raw*; indexed by client."""
    tables = {file.stem: pd.read_csv(file) for file in raw.glob("*.csv")}
    clients = pd.concat([tables["application_train"], tables["application_test"]]).set_index("SK_ID_CURR")
    return clients.pipe(_application).join(
        [_bureau(tables), _previous(tables), _pos(tables), _instalments(tables), _card(tables)]
    )


def _application(clients: pd.DataFrame) -> pd.DataFrame:
    clients["DAYS_EMPLOYED"] = clients["DAYS_EMPLOYED"].replace(365243, np.nan)
    clients["DAYS_EMPLOYED_PERC"] = clients["DAYS_EMPLOYED"] / clients["DAYS_BIRTH"]
    clients["ANNUITY_INCOME_PERC"] = clients["AMT_ANNUITY"] / clients["AMT_INCOME_TOTAL"]
    clients["PAYMENT_RATE"] = clients["AMT_ANNUITY"] / clients["AMT_CREDIT"]
    return clients


def _aggregated(rows: pd.DataFrame, prefix: str, functions: dict[str, list[object]]) -> pd.DataFrame:
    table = rows.groupby("SK_ID_CURR").agg(functions)
    table.columns = [f"{prefix}_{column}_{function.upper().strip('_')}" for column, function in table.columns]
    return table


def _bureau(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    bureau = tables["bureau"]
    functions = {
        "DAYS_CREDIT": ["max", "mean", "var"],
        "DAYS_CREDIT_ENDDATE": ["max"],
        "AMT_CREDIT_MAX_OVERDUE": ["mean"],
        "AMT_CREDIT_SUM": ["max"],
        "AMT_CREDIT_SUM_DEBT": ["mean"],
    }
    groups = {
        "BURO": bureau,
        "ACTIVE": bureau[bureau["CREDIT_ACTIVE"] == "Active"],
        "CLOSED": bureau[bureau["CREDIT_ACTIVE"] == "Closed"],
    }
    return pd.concat([_aggregated(rows, prefix, functions) for prefix, rows in groups.items()], axis=1)


def _previous(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    previous = tables["previous_application"]
    functions = {"AMT_ANNUITY": ["mean"], "CNT_PAYMENT": ["mean"], "DAYS_DECISION": ["max"]}
    approved = previous[previous["NAME_CONTRACT_STATUS"] == "Approved"]
    groups = {"PREV": previous, "APPROVED": approved}
    return pd.concat([_aggregated(rows, prefix, functions) for prefix, rows in groups.items()], axis=1)


def _pos(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return _aggregated(tables["POS_CASH_balance"], "POS", {"MONTHS_BALANCE": ["size"]})


def _instalments(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = tables["installments_payments"]
    rows["PAYMENT_PERC"] = rows["AMT_PAYMENT"] / rows["AMT_INSTALMENT"]
    rows["DPD"] = (rows["DAYS_ENTRY_PAYMENT"] - rows["DAYS_INSTALMENT"]).clip(lower=0).fillna(0)
    rows["DBD"] = (rows["DAYS_INSTALMENT"] - rows["DAYS_ENTRY_PAYMENT"]).clip(lower=0).fillna(0)
    functions = {
        "DPD": ["mean"],
        "DBD": ["max", _sum],
        "PAYMENT_PERC": ["mean"],
        "AMT_PAYMENT": ["min", "mean", _sum],
    }
    return _aggregated(rows, "INSTAL", functions)


def _card(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return _aggregated(tables["credit_card_balance"], "CC", {"CNT_DRAWINGS_ATM_CURRENT": ["mean"]})


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same 400 made-up clients by Octroi and by the recipe."""
    folder = tmp_path_factory.mktemp("recipe")
    write_tables(folder / "raw", 400, 5, lambda _: None, file_format="csv")
    build(folder / "raw", folder / "features.parquet", lambda _: None)
    ours = pq.read_table(folder / "features.parquet").to_pandas().set_index("SK_ID_CURR")
    return ours, _recipe(folder / "raw").sort_index()


def test_every_name_of_the_example_is_a_candidate(both):
    ours, _ = both

    assert [name for name in NAMES if name not in ours.columns] == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "CODE_GENDER"])
def test_the_name_means_what_the_recipe_means(both, name):
    ours, recipe = both
    expected = recipe[name].to_numpy(float)

    assert (ours.index == recipe.index).all()
    np.testing.assert_allclose(ours[name].to_numpy(float), expected, rtol=1e-12, atol=0, equal_nan=True)
    assert np.isfinite(expected).sum() > 20


def test_sex_is_the_word_of_the_application(both):
    ours, recipe = both

    assert (ours["CODE_GENDER"] == recipe["CODE_GENDER"].replace("XNA", None)).all()
