"""Metrics say what their names say."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cost import Costs
from training.metrics import calibration_bins, calibration_error, measure

CALIBRATED = np.random.default_rng(0).beta(1, 8, 20_000)
DEFAULTED = np.random.default_rng(1).uniform(size=20_000) < CALIBRATED


def test_every_metric_of_a_case_worked_out_by_hand():
    defaulted = np.array([True, False, True, False, False])
    probabilities = np.array([0.8, 0.6, 0.4, 0.2, 0.1])

    metrics = measure(defaulted, probabilities, threshold=0.5, costs=Costs(fn=10, fp=1))

    assert asdict(metrics) == pytest.approx(
        {
            "auc": 5 / 6,
            "gini": 2 / 3,
            "ks": 2 / 3,
            "log_loss": -math.log(0.8 * 0.4 * 0.4 * 0.8 * 0.9) / 5,
            "brier": (0.04 + 0.36 + 0.36 + 0.04 + 0.01) / 5,
            "calibration_error": (0.2 + 0.6 + 0.6 + 0.2 + 0.1) / 5,
            "precision": 0.5,
            "recall": 0.5,
            "approval_rate": 0.6,
            "default_rate": 0.4,
            "cost_per_client": 11 / 5,
        }
    )


def test_where_nobody_is_refused_there_is_no_precision():
    metrics = measure(np.array([True, False]), np.array([0.2, 0.1]), threshold=0.5, costs=Costs())

    assert metrics.precision is None
    assert metrics.recall == 0.0
    assert metrics.approval_rate == 1.0


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=50))
def test_the_calibration_error_is_a_mean_gap(rows):
    defaulted, probabilities = (np.array(part) for part in zip(*rows, strict=True))

    assert 0 <= calibration_error(defaulted, probabilities) <= 1
    assert sum(part.clients for part in calibration_bins(defaulted, probabilities)) == len(rows)


def test_calibrated_probabilities_have_no_calibration_error_and_doubled_ones_do():
    assert calibration_error(DEFAULTED, CALIBRATED) < 0.01
    assert calibration_error(DEFAULTED, np.minimum(2 * CALIBRATED, 1)) > 0.08


def test_the_bins_of_calibration_are_ten_of_equal_mass_from_the_lowest_up():
    bins = calibration_bins(DEFAULTED, CALIBRATED)

    assert [part.clients for part in bins] == [2_000] * 10
    assert [part.predicted for part in bins] == sorted(part.predicted for part in bins)
    assert np.mean([part.predicted for part in bins]) == pytest.approx(CALIBRATED.mean())
    assert np.mean([part.observed for part in bins]) == pytest.approx(DEFAULTED.mean())
