"""Tails of distributions are SciPy's."""

import numpy as np
import pytest
from scipy import special, stats

from monitoring.drift.chance import (
    binomial_tail,
    chi_squared_tail,
    hypergeometric_tail,
    kolmogorov_tail,
    poisson_limit,
)

CLOSE = 1e-7


@pytest.mark.parametrize("degrees", [1, 2, 3, 10, 57, 400])
def test_chi_squared(degrees):
    for statistic in (0.0, 1e-3, 0.5 * degrees, degrees, 2.0 * degrees, degrees + 500.0):
        assert chi_squared_tail(statistic, degrees) == pytest.approx(
            special.chdtrc(degrees, statistic), rel=CLOSE
        )


@pytest.mark.parametrize("distance", [1e-6, 0.19, 0.21, 0.5, 1.0, 1.36, 3.0, 8.0])
def test_kolmogorov(distance):
    assert kolmogorov_tail(distance) == pytest.approx(special.kolmogorov(distance), rel=CLOSE)


def test_binomial():
    rng = np.random.default_rng(1)
    for _ in range(200):
        trials, rate = int(10 ** rng.uniform(0, 5)), float(10 ** rng.uniform(-6, -0.01))
        least = int(rng.integers(0, min(trials, 3 * trials * rate + 5) + 1))
        truth = stats.binom.sf(least - 1, trials, rate)
        assert binomial_tail(least, trials, rate) == pytest.approx(truth, rel=CLOSE, abs=1e-250)


@pytest.mark.parametrize(
    ("least", "trials", "rate", "chance"),
    [(0, 5, 0.0, 1.0), (1, 5, 0.0, 0.0), (6, 5, 0.5, 0.0), (5, 5, 1.0, 1.0), (5, 5, 0.5, 1 / 32)],
)
def test_binomial_at_its_ends(least, trials, rate, chance):
    assert binomial_tail(least, trials, rate) == pytest.approx(chance)


def test_hypergeometric():
    rng = np.random.default_rng(2)
    for _ in range(200):
        everyone = int(10 ** rng.uniform(0.5, 6))
        marked, drawn = rng.integers(0, everyone + 1, 2).tolist()
        middle = drawn * marked / everyone
        least = int(np.clip(rng.normal(middle, 2 * np.sqrt(middle + 1)), 0, min(marked, drawn)))
        truth = stats.hypergeom.sf(least - 1, everyone, marked, drawn)
        assert hypergeometric_tail(least, everyone, marked, drawn) == pytest.approx(
            truth, rel=CLOSE, abs=1e-250
        )


@pytest.mark.parametrize(
    ("least", "everyone", "marked", "drawn", "chance"),
    [(0, 9, 0, 9, 1.0), (1, 9, 0, 9, 0.0), (4, 9, 4, 9, 1.0), (5, 9, 4, 9, 0.0), (3, 6, 3, 3, 1 / 20)],
)
def test_hypergeometric_at_its_ends(least, everyone, marked, drawn, chance):
    assert hypergeometric_tail(least, everyone, marked, drawn) == pytest.approx(chance)


@pytest.mark.parametrize("count", [0, 1, 7, 1000])
def test_the_upper_limit_of_a_count_is_the_exact_one_within_3_percent(count):
    exact = special.gammaincinv(count + 1, 0.999)

    assert exact <= poisson_limit(count) <= 1.03 * exact
