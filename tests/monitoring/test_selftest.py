"""The self-test passes a detector that works, and fails one that does not."""

import dataclasses
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from lender import POLICY, SCHEMA, clients, reference, score

from credit.errors import InvalidTables
from features.encoder import Encoder
from features.schema import FeatureSchema
from monitoring.__main__ import door
from monitoring.drift.reference import write_reference
from monitoring.drift.subject import Subject
from monitoring.reporting.terminal import trial_table
from monitoring.trial.induced import Lose, Only, Outlier, Replace, Scale, Shift, recomputed
from monitoring.trial.population import read_population
from monitoring.trial.selftest import Case, Examination, Population, Trial, cases
from runners.bundle import Bundle
from runners.onnx import OnnxScorer

TRAINED = reference()


def population(seed: int = 5, **changed: np.ndarray) -> Population:
    columns = clients(6000, seed) | changed
    return Population(SCHEMA, columns, score(columns), score)


def examined(of: Population) -> list[Trial]:
    return Examination(TRAINED, of, POLICY, windows=8).run([3], lambda _: None)


def test_a_detector_that_works_passes():
    done: list[float] = []

    trials = Examination(TRAINED, population(), POLICY, windows=8).run([1, 2], done.append)

    assert all(trial.holds for trial in trials)
    assert done[-1] == 1.0
    by_case = {(trial.case.what, trial.case.rows, trial.seed): trial.hits for trial in trials}
    assert [by_case["no drift", rows, 1] for rows in (50, 100, 500, 5000)] == [0, 0, 0, 0]
    assert by_case["no drift, and one AMT_CREDIT of 117,000,000", 1000, 2] == 0
    assert by_case["AMT_CREDIT x 1.3", 1000, 2] == 8
    assert by_case["AMT_CREDIT x 1.3, and one of 117,000,000", 1000, 1] == 8
    assert by_case["EXT_SOURCE_2 lower by 0.15", 1000, 1] == 8
    assert by_case["NAME_INCOME_TYPE a new word in 5 %", 1000, 1] == 8


def test_false_alarms_fail():
    columns = clients(6000, 5)
    trials = examined(population(EXT_SOURCE_2=columns["EXT_SOURCE_2"] * 0.7))

    quiet = [trial for trial in trials if trial.case.what == "no drift" and trial.case.rows >= 500]
    assert [(trial.hits, trial.holds) for trial in quiet] == [(8, False), (8, False)]


def test_drift_that_is_not_found_fails():
    # Against one bin, nothing ever drifts.
    blind = dataclasses.replace(
        TRAINED,
        features=tuple(
            dataclasses.replace(
                one,
                bins=dataclasses.replace(one.bins, edges=(), points=()),
                tally=dataclasses.replace(one.tally, bins=(sum(one.tally.bins),), below=()),
            )
            if one.name == "AMT_CREDIT"
            else one
            for one in TRAINED.features
        ),
    )
    trials = Examination(blind, population(), POLICY, windows=8).run([1], lambda _: None)

    (missed,) = [trial for trial in trials if trial.case.what == "AMT_CREDIT x 1.3"]
    assert (missed.hits, missed.holds) == (0, False)


@pytest.mark.parametrize(
    ("target", "hits", "strangers", "holds"),
    [
        (None, 2, 0, True),
        (None, 3, 0, False),
        ("A", 190, 0, True),
        ("A", 189, 0, False),
        ("A", 200, 11, False),
    ],
)
def test_the_bar_is_2_of_200_false_alarms_and_190_of_200_found(target, hits, strangers, holds):
    assert Trial(Case("", 1000, (), target), 1, 200, hits, strangers).holds is holds


def test_the_table_shows_every_seed_and_whether_the_bar_holds():
    from io import StringIO

    from rich.console import Console

    case, other = Case("no drift", 50), Case("credits x 1.3", 1000, (), "AMT_CREDIT")
    trials = [Trial(case, 1, 200, 0, 0), Trial(case, 2, 200, 3, 0), Trial(other, 1, 200, 200, 0)]
    console = Console(width=160, file=StringIO())

    console.print(trial_table([*trials, Trial(other, 2, 200, 199, 0)]))

    text = console.file.getvalue()
    assert [line.split()[-2] for line in text.splitlines() if "no drift" in line or "credits" in line] == [
        "NO",
        "yes",
    ]


def test_a_kind_of_drift_the_model_cannot_see_is_left_out():
    without = dataclasses.replace(
        TRAINED, features=tuple(one for one in TRAINED.features if one.name != "AMT_CREDIT")
    )

    assert {case.target for case in cases(without, SCHEMA)} == {
        None,
        "EXT_SOURCE_2",
        "NAME_INCOME_TYPE",
        "CODE_SEX",
    }


def test_changes_do_what_they_say():
    columns, rng = clients(5000, 1), np.random.default_rng(9)

    def changed(change):
        return change.of(columns, rng)

    assert (changed(Scale(("AMT_CREDIT",), 2.0))["AMT_CREDIT"] == 2 * columns["AMT_CREDIT"]).all()
    assert changed(Shift(("EXT_SOURCE_2",), -0.5, low=0.0))["EXT_SOURCE_2"].min() == 0.0
    before, after = (
        np.isnan(each["BURO_COUNT"]).mean() for each in (columns, changed(Lose(("BURO_COUNT",), 0.1)))
    )
    assert after - before == pytest.approx(0.1, abs=0.02)
    assert all(value is None for value in changed(Lose(("CODE_SEX",)))["CODE_SEX"])
    assert (changed(Replace("CODE_SEX", "X", 0.05))["CODE_SEX"] == "X").mean() == pytest.approx(
        0.05, abs=0.01
    )
    assert (changed(Outlier("AMT_CREDIT", 1e9))["AMT_CREDIT"] == 1e9).sum() == 1
    young = changed(Only("EXT_SOURCE_2", 0.0, 0.2))
    assert young["EXT_SOURCE_2"].max() <= 0.2
    assert len(young["AMT_CREDIT"]) == 5000
    assert changed(Only("EXT_SOURCE_2", 5.0, 6.0)) == columns
    assert columns["AMT_CREDIT"].max() < 1e9


def test_what_follows_from_a_change_follows():
    columns = clients(50, 1)
    scaled = Scale(("AMT_CREDIT",), 2.0)

    found = recomputed(scaled.of(columns, np.random.default_rng(1)), SCHEMA.features, scaled.touched)

    assert found["PAYMENT_RATE"] == pytest.approx(columns["PAYMENT_RATE"] / 2)
    assert (found["EXT_SOURCE_2"] == columns["EXT_SOURCE_2"]).all()


def features_file(path, columns, labels):
    table = pa.table({"TARGET": pa.array(labels, pa.int8()), **{n: pa.array(c) for n, c in columns.items()}})
    pq.write_table(table, path)
    return path


def subject() -> Subject:
    return Subject("octroi-credit:0123456789ab", "0123456789ab" * 5 + "0123", SCHEMA, POLICY, TRAINED)


def test_the_labelled_clients_of_a_features_file_are_a_population(tmp_path):
    columns = clients(6100, 6)
    path = features_file(tmp_path / "features.parquet", columns, [0] * 6000 + [None] * 100)
    # The score sees the encoded rows, so one of the first feature stands in for the model.
    held = np.sort(score(clients(6100, 7)))

    found = read_population(path, subject(), lambda rows: held[np.argsort(np.argsort(-rows[:, 0]))])

    assert len(found.probabilities) == 6000
    assert found.columns["CODE_SEX"].dtype == object
    assert Encoder(SCHEMA).encode_columns(found.columns).shape == (6000, 9)


def test_other_clients_than_those_of_training_are_refused(tmp_path):
    columns = clients(6000, 6)
    columns["AMT_CREDIT"] = 3 * columns["AMT_CREDIT"]
    path = features_file(tmp_path / "features.parquet", columns, [0] * 6000)

    with pytest.raises(InvalidTables, match=r"are not like those .* was trained on \(AMT_CREDIT"):
        read_population(path, subject(), lambda _: score(columns))


def test_few_clients_missing_columns_and_other_files_are_refused(tmp_path):
    columns = clients(100, 6)
    few = features_file(tmp_path / "few.parquet", columns, [1] * 100)
    del columns["AMT_ANNUITY"]
    without = features_file(tmp_path / "without.parquet", columns, [1] * 100)
    (tmp_path / "text.parquet").write_text("no table")

    with pytest.raises(InvalidTables, match="100 labelled clients: windows of 5,000 take more"):
        read_population(few, subject(), lambda rows: np.full(len(rows), 0.1))
    with pytest.raises(InvalidTables, match="no column AMT_ANNUITY: build it again"):
        read_population(without, subject(), lambda rows: np.full(len(rows), 0.1))
    with pytest.raises(InvalidTables, match=r"text\.parquet is not a features file"):
        read_population(tmp_path / "text.parquet", subject(), lambda rows: np.full(len(rows), 0.1))


@pytest.fixture
def trained(made, tmp_path, monkeypatch):
    """The small model's bundle with a reference of its clients, served from a folder."""
    bundle = tmp_path / "bundle"
    shutil.copytree(made.bundle, bundle)
    schema = FeatureSchema.read(bundle / "schema.json")
    table = pq.read_table(made.features)
    table = table.filter(pc.is_valid(table["TARGET"]))
    columns = {
        feature.name: np.array(table[feature.name].to_pylist(), dtype=object)
        if feature.is_category
        else table[feature.name].to_numpy()
        for feature in schema.used
    }
    answers = OnnxScorer(Bundle.open(bundle).certified_onnx()).score(Encoder(schema).encode_columns(columns))
    labels = table["TARGET"].to_numpy().astype(bool)
    write_reference(bundle, schema, columns, answers, labels, np.ones(schema.width).tolist())
    monkeypatch.setenv("OCTROI_MODEL", str(bundle))
    monkeypatch.setenv("OCTROI_DATA", str(tmp_path / "var"))
    return table


def test_the_door_tries_a_real_model_and_its_status_tells(trained, tmp_path):
    pq.write_table(pa.concat_tables([trained] * 3), tmp_path / "clients.parquet")

    done = CliRunner().invoke(
        door, ["selftest", "--clients", str(tmp_path / "clients.parquet"), "--windows", "1", "--seeds", "1"]
    )

    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert "EXT_SOURCE_2 lower by 0.15" in done.output
    assert "an alert in at most 0 of 1" in done.output
    assert done.exit_code == (1 if "NO" in done.output.split() else 0)


def test_few_clients_cannot_be_tried(made, trained):
    done = CliRunner().invoke(door, ["selftest", "--clients", str(made.features)])

    assert done.exit_code == 1
    assert "2,000 labelled clients: windows of 5,000 take more" in done.output
