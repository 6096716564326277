"""Tables are held against the statistics: what is as it should be passes, what is spoiled is named."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.table import Table

from credit.errors import InvalidTables
from features.__main__ import features
from features.made_up import closeness, limits, risk, write_tables
from features.made_up.difference import Difference
from features.made_up.fidelity import differences
from features.made_up.verdict import faults, verdict

GENTLE = 0.02
"""Share of clients that break a rule: few enough to leave all frequencies as they are."""


@pytest.fixture
def fidelity():
    """Runs the command; its exit status and everything it printed."""

    def run(raw: Path, *options: str) -> tuple[int, str]:
        result = CliRunner().invoke(features, ["fidelity", "--raw", str(raw), *options])
        return result.exit_code, result.output

    return run


def rows_of(said: str) -> list[tuple[str, ...]]:
    """The rows of a printed table."""
    return [tuple(re.split(r"\s*│\s*", line.strip(" │"))) for line in said.splitlines() if "│" in line]


def rendered(table: Table) -> list[tuple[str, ...]]:
    console = Console(width=200, file=io.StringIO())
    with console.capture() as said:
        console.print(table)
    return rows_of(said.get())


def failing(said: str) -> set[tuple[str, str]]:
    """Measure and subject of each failing row of the table."""
    return {(row[1], row[2]) for row in rows_of(said) if row[0] == "fails"}


def named(found) -> set[tuple[str, str]]:
    return {(fault.measure, fault.subject) for fault in faults(found)}


def test_made_up_tables_match_the_statistics_in_everything_measured(fidelity, large):
    status, said = fidelity(large, "--all")

    assert (status, failing(said)) == (0, set())
    count = int(re.search(r"All (\d+) measures of .* hold\.", said)[1])
    assert count > 800
    assert said.count("holds") == count
    assert re.search(r"│ AUC +│ application alone +│ 0\.74 … 0\.78 +│ 0\.7\d", said)
    assert re.search(r"│ rate +│ TARGET +│ 0\.0747 … 0\.0867 +│ 0\.0[78]", said)


def spoil_clients(rows: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    rows["DAYS_ID_PUBLISH"] = rng.permutation(rows["DAYS_ID_PUBLISH"])
    rank = rows["DAYS_LAST_PHONE_CHANGE"].rank(method="first").astype(int) - 1
    rows["DAYS_LAST_PHONE_CHANGE"] = np.sort(rows["DAYS_LAST_PHONE_CHANGE"])[::-1][rank]
    rows.loc[rng.random(len(rows)) < GENTLE, "CNT_FAM_MEMBERS"] += 1
    payers = rows.index[rows["TARGET"] == 0]
    rows.loc[payers[: len(rows) // 100], "TARGET"] = 1


def spoil_credits(rows: pd.DataFrame) -> None:
    rows.loc[rows.index % 20 == 0, "CREDIT_TYPE"] = None


def test_what_is_spoiled_is_named_and_nothing_else(fidelity, spoiled):
    status, said = fidelity(spoiled(application_train=spoil_clients, bureau=spoil_credits))

    found = failing(said)
    assert status == 1
    assert re.search(rf"Error: {len(found)} of \d+ measures fail: ", said)
    assert found >= {
        ("correlation with TARGET", "DAYS_ID_PUBLISH"),
        ("correlation with TARGET", "DAYS_LAST_PHONE_CHANGE"),
        ("broken", "CNT_FAM_MEMBERS from children and couple"),
        ("rate", "TARGET"),
        ("missing", "bureau.CREDIT_TYPE"),
    }
    # Defaulters that look like payers weaken the model, too.
    guilty = ("DAYS_ID_PUBLISH", "DAYS_LAST_PHONE_CHANGE", "CNT_FAM_MEMBERS", "TARGET", "CREDIT_TYPE", "AUC")
    assert [fault for fault in found if not any(name in " ".join(fault) for name in guilty)] == []


def test_the_worst_fault_comes_first_and_what_holds_last():
    measured = [
        Difference("bureau", "rows per client", 5.0, 5.1, 0.5),
        Difference("TARGET", "rate", 0.08, 0.09, 0.006),
        Difference("EXT_SOURCE_1", "correlation with TARGET", -0.15, float("nan"), 0.035),
        Difference("bureau_balance", "rows per client", 80.0, 76.0, 10.0),
    ]

    short, full = (rendered(verdict(measured, everything=everything)) for everything in (False, True))

    assert [row[:3] for row in short] == [
        ("fails", "correlation with TARGET", "EXT_SOURCE_1"),
        ("fails", "rate", "TARGET"),
        ("holds", "rows per client, nearest of 2", "bureau_balance"),
    ]
    assert short[1][3:] == ("0.074 … 0.086", "0.09")
    assert [row[2] for row in full] == ["EXT_SOURCE_1", "TARGET", "bureau_balance", "bureau"]


def test_values_shifted_are_seen_and_nothing_else(spoiled, asked):
    def shift(rows: pd.DataFrame) -> None:
        rows["DAYS_CREDIT"] -= 200

    found = named(closeness.columns(asked(spoiled(bureau=shift)), "bureau"))

    assert found == {("quantiles", "bureau.DAYS_CREDIT")}


def test_words_renamed_are_seen_and_nothing_else(spoiled, asked):
    def rename(rows: pd.DataFrame) -> None:
        rows["CREDIT_ACTIVE"] = rows["CREDIT_ACTIVE"].replace("Closed", "closed")

    found = named(closeness.columns(asked(spoiled(bureau=rename)), "bureau"))

    assert found == {("frequencies", "bureau.CREDIT_ACTIVE")}


def test_a_target_that_hangs_on_nothing_is_seen(spoiled, asked):
    def shuffle(rows: pd.DataFrame) -> None:
        rows["TARGET"] = np.random.default_rng(0).permutation(rows["TARGET"])

    tables = asked(spoiled(application_train=shuffle))

    assert risk.target_rate(tables).holds
    assert ("correlation with TARGET", "EXT_SOURCE_3") in named(risk.correlations(tables))
    assert ("default rate by tenths", "EXT_SOURCE_3") in named(risk.deciles(tables))
    assert ("AUC of its words", "CODE_GENDER") in named(risk.words(tables))


def test_a_target_of_one_kind_is_a_fault_not_an_error(spoiled, asked):
    def none(rows: pd.DataFrame) -> None:
        rows["TARGET"] = 0

    tables = asked(spoiled(application_train=none))

    assert all(not fault.holds for fault in (*risk.correlations(tables), *risk.words(tables)))


def test_what_could_not_be_measured_does_not_hold():
    assert not Difference("EXT_SOURCE_1", "correlation with TARGET", -0.15, float("nan"), 0.035).holds
    assert Difference("EXT_SOURCE_1", "correlation with TARGET", -0.15, -0.18, 0.035).holds


def test_too_few_clients_are_refused(fidelity, tmp_path):
    write_tables(tmp_path, 10, 0, lambda _: None)

    status, said = fidelity(tmp_path)

    assert status == 1
    assert "holds 10 training clients: fidelity is measured from 20,000 on" in said


def test_a_missing_table_is_named(tmp_path):
    write_tables(tmp_path, 10, 0, lambda _: None)
    (tmp_path / "application_test.parquet").unlink()

    with pytest.raises(InvalidTables, match=r"holds no application_test\.csv"):
        differences(tmp_path, lambda _: None)


@pytest.mark.parametrize("table", ["application_train", "bureau_balance", "previous_application"])
def test_tables_in_csv_are_measured_alike(tmp_path, asked, table):
    for file_format in ("csv", "parquet"):
        write_tables(tmp_path / file_format, 500, 0, lambda _: None, file_format)

    csv, parquet = (
        list(closeness.columns(asked(tmp_path / file_format), table)) for file_format in ("csv", "parquet")
    )

    assert csv == parquet


def test_the_help_states_every_limit(fidelity):
    said = CliRunner().invoke(features, ["fidelity", "--help"]).output

    assert f"of TARGET: 8.07%, {100 * limits.TARGET_RATE:g} points" in said
    assert f"share of each column: {100 * limits.MISSING:g} points" in said
    assert f"{limits.LOWEST_AUC} to {limits.HIGHEST_AUC}" in said
    assert f"{limits.LEAST_GAIN} to {limits.MOST_GAIN}" in said
