"""Concept drift is found in outcomes, and outcomes that came true are none."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from monitoring.outcomes import cohorts


def loans(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).beta(1.2, 22, count)


def drawn(probabilities: np.ndarray, seed: int) -> np.ndarray:
    return np.random.default_rng(1000 + seed).random(len(probabilities)) < probabilities


def test_outcomes_that_follow_the_probabilities_are_no_concept_drift():
    found = 0
    for seed in range(40):
        p = loans(1200, seed)
        names = ["2026-01"] * 500 + ["2026-02"] * 600 + ["2026-03"] * 100
        found += any(cohort.concept_drift for cohort in cohorts(names, p, drawn(p, seed)))

    assert found == 0


def test_a_cohort_that_defaults_half_as_often_again_is_concept_drift():
    p = loans(8000, 1)
    truth = np.where(np.arange(8000) < 4000, p, 1.5 * p)

    january, february = cohorts(["2026-01"] * 4000 + ["2026-02"] * 4000, p, drawn(truth, 2))

    assert (january.concept_drift, february.concept_drift) == (False, True)
    assert january.default_rate.low < january.default_rate.value < january.default_rate.high
    assert february.default_rate.value > february.default_rate.high
    assert february.default_rate.expected == pytest.approx(p[4000:].mean())
    assert (january.name, january.loans) == ("2026-01", 4000)


def test_a_ranking_that_lost_its_meaning_is_concept_drift_even_at_the_right_rate():
    p = loans(5000, 2)
    (lost,) = cohorts(["a"] * 5000, p, drawn(np.random.default_rng(3).permutation(p), 3))
    (kept,) = cohorts(["a"] * 5000, p, drawn(p, 3))

    assert lost.concept_drift
    assert lost.default_rate.low < lost.default_rate.value < lost.default_rate.high
    assert lost.auc.value < lost.auc.low
    assert not kept.concept_drift
    assert kept.auc.low < kept.auc.value < kept.auc.high


def test_the_auc_is_scikit_learns():
    p = np.round(loans(800, 4), 2)
    defaulted = drawn(p, 4)

    (cohort,) = cohorts(["a"] * 800, p, defaulted)

    assert cohort.auc.value == pytest.approx(roc_auc_score(defaulted, p))


def test_few_loans_and_few_defaults_say_nothing():
    p = np.full(200, 0.02)
    few, rare = cohorts(["a"] * 49 + ["b"] * 151, p, np.r_[np.ones(49, bool), np.zeros(151, bool)])

    assert (few.default_rate, few.auc, few.concept_drift) == (None, None, False)
    assert rare.default_rate.value == 0.0
    assert rare.auc is None
    assert cohorts([], np.array([]), np.array([], dtype=bool)) == []
