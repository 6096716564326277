from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from credit.errors import InvalidTables
from features.made_up import closeness, risk, write_tables
from features.made_up.fidelity import differences
from features.made_up.raw import RawTables

Change = Callable[[pd.DataFrame], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made_up")
    write_tables(folder, 20_000, 0, lambda _: None)
    return folder


@pytest.fixture
def changed(made, tmp_path) -> Callable[[str, Change], RawTables]:
    """The tables with one of them changed."""

    def change(table: str, how: Change) -> RawTables:
        for file in made.iterdir():
            (tmp_path / file.name).symlink_to(file)
        rows = pq.read_table(made / f"{table}.parquet").to_pandas()
        how(rows)
        (tmp_path / f"{table}.parquet").unlink()
        rows.to_parquet(tmp_path / f"{table}.parquet", index=False)
        return RawTables(tmp_path)

    return change


def test_made_up_tables_match_the_statistics_in_everything_measured(made):
    seen: list[float] = []

    measured = differences(made, seen.append)

    assert [difference for difference in measured if not difference.holds] == []
    assert len(measured) > 650
    assert seen[-1] == 1.0
    by_subject = {difference.subject: difference.found for difference in measured}
    assert 0.74 <= by_subject["application alone"] <= 0.78
    assert by_subject["all tables"] >= 0.015


def faults(found) -> set[tuple[str, str]]:
    return {(difference.subject, difference.measure) for difference in found if not difference.holds}


def test_missing_values_too_many_are_seen_and_nothing_else(changed):
    def forget(rows: pd.DataFrame) -> None:
        rows.loc[rows.index % 20 == 0, "CREDIT_TYPE"] = None

    assert faults(closeness.columns(changed("bureau", forget), "bureau")) == {
        ("bureau.CREDIT_TYPE", "missing")
    }


def test_values_shifted_are_seen_and_nothing_else(changed):
    def shift(rows: pd.DataFrame) -> None:
        rows["DAYS_CREDIT"] -= 200

    assert faults(closeness.columns(changed("bureau", shift), "bureau")) == {
        ("bureau.DAYS_CREDIT", "quantiles")
    }


def test_words_renamed_are_seen_and_nothing_else(changed):
    def rename(rows: pd.DataFrame) -> None:
        rows["CREDIT_ACTIVE"] = rows["CREDIT_ACTIVE"].replace("Closed", "closed")

    found = faults(closeness.columns(changed("bureau", rename), "bureau"))

    assert found == {("bureau.CREDIT_ACTIVE", "frequencies")}


def test_a_target_that_hangs_on_nothing_is_seen(changed):
    def shuffle(rows: pd.DataFrame) -> None:
        rows["TARGET"] = rows["TARGET"].sample(frac=1.0, random_state=0).to_numpy()

    tables = changed("application_train", shuffle)

    assert risk.target_rate(tables).holds
    assert ("EXT_SOURCE_3", "correlation with TARGET") in faults(risk.correlations(tables))
    assert ("EXT_SOURCE_3", "default rate by tenths") in faults(risk.deciles(tables))


def test_too_few_clients_are_refused(tmp_path):
    write_tables(tmp_path, 10, 0, lambda _: None)

    with pytest.raises(InvalidTables, match="10 training clients: fidelity is measured from 20000 on"):
        differences(tmp_path, lambda _: None)


def test_a_missing_table_is_named(tmp_path):
    write_tables(tmp_path, 10, 0, lambda _: None)
    (tmp_path / "bureau.parquet").unlink()

    with pytest.raises(InvalidTables, match=r"neither bureau\.parquet nor bureau\.csv is in"):
        differences(tmp_path, lambda _: None)


def test_tables_in_csv_are_measured_alike(tmp_path):
    for file_format in ("csv", "parquet"):
        write_tables(tmp_path / file_format, 500, 0, lambda _: None, file_format)

    csv, parquet = (
        list(closeness.columns(RawTables(tmp_path / file_format), "previous_application"))
        for file_format in ("csv", "parquet")
    )

    assert csv == parquet
