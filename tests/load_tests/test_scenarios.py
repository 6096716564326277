"""Each scenario does to the clients what its name says, and nothing to the others."""

import numpy as np
import pytest

from load_tests.applicants import Applicants
from load_tests.scenario import SCENARIOS

CLIENTS = 4000


def applicants() -> Applicants:
    rng = np.random.default_rng(1)
    columns = {
        "AMT_CREDIT": rng.lognormal(13, 0.6, CLIENTS),
        "AMT_INCOME_TOTAL": rng.lognormal(12, 0.5, CLIENTS),
        "DAYS_BIRTH": -rng.uniform(21, 69, CLIENTS) * 365.25,
        **{f"EXT_SOURCE_{i}": rng.uniform(0, 1, CLIENTS) for i in (1, 2, 3)},
        "BURO_COUNT": rng.poisson(4, CLIENTS).astype(float),
        "ACTIVE_COUNT": rng.poisson(2, CLIENTS).astype(float),
        "AMT_ANNUITY": rng.lognormal(10, 0.5, CLIENTS),
        "ORGANIZATION_TYPE": np.array(["School"] * CLIENTS, dtype=object),
    }
    columns["EXT_SOURCE_1"][:2000] = np.nan
    return Applicants(tuple(range(100_001, 100_001 + CLIENTS)), columns)


def changed(name: str, size: float = 1.0) -> tuple[dict, dict]:
    before = applicants()
    changes = SCENARIOS[name].changes(size, tuple(before.columns))
    return before.columns, before.after(changes, np.random.default_rng(2)).columns


def touched(before: dict, after: dict) -> set[str]:
    same = {n for n in before if np.array_equal(before[n], after[n], equal_nan=before[n].dtype == float)}
    return set(before) - same


@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("shift", {"DAYS_BIRTH"}),
        ("scale", {"AMT_ANNUITY"}),
        ("missing", {"EXT_SOURCE_3"}),
        ("new-category", {"ORGANIZATION_TYPE"}),
        ("lower-scores", {"EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"}),
        ("larger-credits", {"AMT_CREDIT"}),
        ("silent-bureau", {"BURO_COUNT", "ACTIVE_COUNT"}),
        ("outlier", {"AMT_INCOME_TOTAL"}),
    ],
)
def test_a_scenario_touches_its_features_only(name, features):
    assert touched(*changed(name)) == features


def test_the_sizes_are_those_of_the_names():
    before, after = changed("lower-scores")
    assert np.nanmax(np.abs(np.clip(before["EXT_SOURCE_1"] - 0.15, 0, 1) - after["EXT_SOURCE_1"])) < 1e-12
    before, after = changed("larger-credits")
    assert after["AMT_CREDIT"] == pytest.approx(1.5 * before["AMT_CREDIT"])
    before, after = changed("shift")
    assert np.median(before["DAYS_BIRTH"] - after["DAYS_BIRTH"]) == pytest.approx(8 * 365.25)
    assert after["DAYS_BIRTH"].min() >= -40_000
    _, after = changed("silent-bureau")
    assert np.isnan(after["BURO_COUNT"]).all()
    _, after = changed("young-clients")
    assert after["DAYS_BIRTH"].min() >= -30 * 365.25
    _, after = changed("population")
    assert after["EXT_SOURCE_2"].max() <= 0.4
    _, after = changed("new-category")
    assert (after["ORGANIZATION_TYPE"] == "Platform").mean() == pytest.approx(0.05, abs=0.01)
    _, after = changed("outlier")
    assert (after["AMT_INCOME_TOTAL"] == 117_000_000).sum() == 1


def test_magnitude_makes_drift_larger():
    before, after = changed("larger-credits", 2.0)
    assert after["AMT_CREDIT"] == pytest.approx(2.0 * before["AMT_CREDIT"])
    _, after = changed("missing", 4.0)
    assert np.isnan(after["EXT_SOURCE_3"]).mean() == pytest.approx(0.4, abs=0.03)


def test_what_is_missing_is_left_out_of_the_body():
    bodies = list(applicants().applications(with_numbers=True))

    assert "EXT_SOURCE_1" not in bodies[0]
    assert bodies[0]["sk_id_curr"] == 100_001
    assert set(bodies[-1]) == {"sk_id_curr", *applicants().columns}
    assert "sk_id_curr" not in next(applicants().applications())
