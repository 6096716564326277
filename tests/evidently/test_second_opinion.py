"""Evidently looks at the same decisions, by the door, and sees what we see where it is plain."""

import json
import re

import numpy as np
import pytest
from lender import SCHEMA, clients, reference, score
from watched import Watched, changed, run, watch

from monitoring.drift.reference import PROBABILITY, write_reference
from monitoring.drift.window import Window
from monitoring.reporting.second_opinion import MOST_ROWS, stand_ins
from monitoring.sketch import StoredSketch
from monitoring.trial.induced import Scale

DEARER = Scale(("AMT_CREDIT",), 1.6)


@pytest.fixture
def watched(tmp_path, monkeypatch) -> Watched:
    own = watch(tmp_path)
    for name, value in own.environment.items():
        monkeypatch.setenv(name, value)
    return own


def drifts(watched: Watched) -> dict[str, float]:
    """How far each column moved, as Evidently measures it."""
    (path,) = watched.reports.glob("drift_*_evidently.json")
    metrics = json.loads(path.read_text())["metrics"]
    return {one["config"]["column"]: one["value"] for one in metrics if "column" in one["config"]}


@pytest.mark.parametrize("against", ["training", "previous"])
def test_evidently_sees_the_drift_and_none_elsewhere(watched, against):
    watched.decide(clients(3000, 31), days_ago=1.5)
    watched.decide(changed(clients(3000, 32), DEARER), days_ago=0.5)

    output = run("drift", "--days", "1", "--against", against, "--evidently", status=3)

    found = drifts(watched)
    assert max(found, key=found.get) in {"AMT_CREDIT", "PAYMENT_RATE"}
    assert found["AMT_CREDIT"] > 0.3
    assert found["EXT_SOURCE_2"] < 0.1
    assert found.keys() == {*(feature.name for feature in SCHEMA.used), PROBABILITY}
    (page,) = watched.reports.glob("drift_*_evidently.html")
    assert page.name in output.replace("\n", "")
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"?https?:", page.read_text()) == []


def test_evidently_sees_no_drift_where_there_is_none(watched):
    watched.decide(clients(3000, 33))

    run("drift", "--evidently")

    assert max(drifts(watched).values()) < 0.1


def test_a_column_of_nothing_is_left_out(watched):
    columns = clients(300, 34)
    columns["BURO_COUNT"] = np.full(300, np.nan)
    watched.decide(columns)

    run("drift", "--evidently")

    assert "BURO_COUNT" not in drifts(watched)


def test_too_few_decisions_and_profiles_are_not_asked_about(watched):
    watched.decide(clients(49, 35))

    run("drift", "--evidently", status=4)

    assert list(watched.reports.glob("*evidently*")) == []
    assert "leave out --profiles" in run("drift", "--evidently", "--profiles", str(watched.folder), status=2)


def test_stand_ins_are_spread_like_those_they_stand_for(tmp_path):
    columns = clients(20_000, 1)
    whole = reference()
    write_reference(tmp_path, SCHEMA, columns, score(columns), np.zeros(20_000, bool), [1.0] * 9)

    drawn = stand_ins(whole, StoredSketch([tmp_path / "reference.bin"]), MOST_ROWS)

    window = Window.of(whole, drawn, np.asarray(drawn[PROBABILITY], dtype=float))
    for one in whole.everything:
        shares = window.tallies[one.name].counts / MOST_ROWS
        assert shares == pytest.approx(one.tally.counts / 20_000, abs=0.01), one.name
