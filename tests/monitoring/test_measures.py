"""The measures say what the textbooks say."""

import numpy as np
import pytest
from scipy import stats

from credit.policy import Policy
from features.schema import Feature, Kind
from monitoring.drift.expected import Estimate, expected
from monitoring.drift.limit import FLOOR, chance_of_floor, no_drift_limit
from monitoring.drift.measures import (
    chi_squared,
    kolmogorov_smirnov,
    missing_p_value,
    psi,
    unseen_p_value,
)
from monitoring.drift.number import NumberBins
from monitoring.drift.tally import Tally


def known(missing: int, total: int) -> Tally:
    return Tally((total - missing,), missing)


def words(*bins: int, unseen: int = 0) -> Tally:
    return Tally(bins, 0, unseen)


def test_psi_of_the_textbook():
    p, q = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.2, 0.2, 0.3, 0.3])

    found = psi((p * 1e7).astype(int), (q * 1e7).astype(int))

    assert float(found) == pytest.approx(float(((q - p) * np.log(q / p)).sum()), rel=1e-5)


def test_psi_is_zero_of_equals_and_the_same_both_ways():
    assert float(psi([10, 20, 30], [10, 20, 30])) == 0.0
    assert float(psi([10, 90], [40, 60])) == pytest.approx(float(psi([40, 60], [10, 90])))


def test_psi_of_a_bin_that_was_empty_is_large_and_finite():
    assert 0.1 < float(psi([500, 500, 0], [450, 450, 100])) < 1.0


def test_bins_that_are_empty_in_both_do_not_count():
    assert float(psi([1000, 0], [50, 0])) == 0.0


def test_the_distance_of_distributions_is_scipys():
    rng = np.random.default_rng(4)
    before, now = rng.normal(size=4000), rng.normal(0.1, 1, size=900)
    bins = NumberBins.freeze(Feature("N", Kind.NUMBER, "", ""), before)

    found = kolmogorov_smirnov(bins.tally(before), bins.tally(now))
    scipys = stats.ks_2samp(before, now, method="asymp")

    assert found is not None
    # Compared at a hundred points, not at every value.
    assert scipys.statistic - 0.01 <= found.statistic <= scipys.statistic
    assert found.p_value == pytest.approx(scipys.pvalue, abs=0.05)


def test_the_distance_to_nothing_is_none():
    bins = NumberBins.freeze(Feature("N", Kind.NUMBER, "", ""), np.arange(100.0))

    assert kolmogorov_smirnov(bins.tally(np.arange(100.0)), bins.tally(np.array([np.nan]))) is None


def test_chi_squared_is_scipys():
    found = chi_squared(words(60, 30, 10, 0), words(40, 50, 10, 0))
    scipys = stats.chi2_contingency(np.array([[60, 30, 10], [40, 50, 10]]), correction=False)

    assert found is not None
    assert found.statistic == pytest.approx(scipys.statistic)
    assert found.p_value == pytest.approx(scipys.pvalue)


def test_chi_squared_of_one_word_is_none():
    assert chi_squared(words(10, 0), words(20, 0)) is None
    assert chi_squared(words(10, 5), words(0, 0)) is None


@pytest.mark.parametrize(
    ("before", "now"), [((100, 1000), (30, 200)), ((100, 1000), (5, 200)), ((0, 999), (3, 50))]
)
def test_missing_is_tested_exactly(before, now):
    fisher = stats.fisher_exact(
        [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]],
        alternative="greater" if now[0] / now[1] > before[0] / before[1] else "less",
    )

    assert missing_p_value(known(*before), known(*now)) == pytest.approx(min(1.0, 2 * fisher.pvalue))


@pytest.mark.parametrize("missing", [0, 1])
def test_what_is_always_or_never_missing_is_no_news(missing):
    assert missing_p_value(known(1000 * missing, 1000), known(50 * missing, 50)) == 1.0


def test_unseen_words_are_news_and_as_many_as_training_missed_are_none():
    trained = words(5000, 4990, 10)

    assert unseen_p_value(trained, words(950, 0, 0, unseen=50), once=0) < 1e-9
    assert unseen_p_value(trained, words(999, 0, 0, unseen=1), once=0) > 0.1
    assert unseen_p_value(words(900, 50, 50), words(990, 0, 0, unseen=10), once=5) > 0.01
    assert unseen_p_value(trained, words(1000, 0, 0), once=0) == 1.0


@pytest.mark.parametrize(
    "counts", [[2000] * 10, [2000] * 9 + [1980, 20], [19_800, 200], [10_000, 4000, 4000, 1990, 10]]
)
@pytest.mark.parametrize("rows", [50, 100, 500])
def test_chance_exceeds_the_limit_about_as_rarely_as_promised(counts, rows):
    alphas = (1e-2, 2e-4)
    rng = np.random.default_rng(rows)
    shares = np.array(counts) / sum(counts)
    drawn = psi(rng.multinomial(20_000, shares, 300_000), rng.multinomial(rows, shares, 300_000))

    limits = [no_drift_limit(Tally(tuple(counts), 0), rows, alpha) for alpha in alphas]

    for alpha, limit in zip(alphas, limits, strict=True):
        exceeding = float((drawn > limit).mean())
        assert exceeding < 1.6 * alpha
        assert limit == FLOOR or exceeding > alpha / 5


@pytest.mark.parametrize("counts", [[2000] * 10, [19_000, 700, 200, 60, 30, 10], [10_000, 4000, 4000, 2000]])
def test_where_no_limit_is_simulated_chance_stays_below_the_floor(counts):
    tally = Tally(tuple(counts), 0)
    rows = next(n for n in range(50, 5000, 50) if chance_of_floor(tally, n) < 1e-6)

    simulated = no_drift_limit.__globals__["_limit"]

    assert simulated(tuple(counts), 1, rows, 1e-6) < FLOOR < simulated(tuple(counts), 1, 50, 1e-6)


def test_where_chance_is_far_below_the_floor_the_floor_is_the_limit():
    assert no_drift_limit(Tally((2000,) * 10, 0), 5000, 1e-4) == 0.1


def test_a_small_reference_makes_the_limit_wider():
    wide = no_drift_limit(Tally((10,) * 10, 0), 300, 1e-4)

    assert wide > 2 * no_drift_limit(Tally((2000,) * 10, 0), 300, 1e-4)


def test_the_limit_is_the_same_every_time():
    tally = Tally((500, 300, 200), 40)
    first = no_drift_limit(tally, 77, 1e-4)
    no_drift_limit.__globals__["_limit"].cache_clear()

    assert no_drift_limit(tally, 77, 1e-4) == first


def test_expected_rates_follow_from_the_probabilities_alone():
    found = expected(np.array([0.01, 0.05, 0.2, 0.5]), 4, Policy(threshold=0.1))

    assert found.default_rate.value == pytest.approx(0.19)
    assert found.approval_rate.value == 0.5
    # 10 * p when approved, 1 - p when refused.
    assert found.cost.value == pytest.approx((0.1 + 0.5 + 0.8 + 0.5) / 4)


def test_an_interval_holds_the_truth_19_times_in_20():
    rng = np.random.default_rng(8)
    truth, policy, inside = 0.08, Policy(threshold=0.0909), 0
    for _ in range(400):
        estimate = expected(rng.beta(0.8, 9.2, 250), 250, policy).default_rate
        inside += estimate.low <= truth <= estimate.high

    assert 0.92 <= inside / 400 <= 0.98


def test_the_error_of_a_difference_is_that_of_both():
    difference = Estimate(0.5, 0.03) - Estimate(0.2, 0.04)

    assert difference.value == pytest.approx(0.3)
    assert difference.error == pytest.approx(0.05)
    assert (difference.low, difference.high) == pytest.approx((0.3 - 0.098, 0.3 + 0.098), abs=1e-3)
