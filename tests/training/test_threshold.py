"""The threshold is theory's, unless the clients contradict it."""

import numpy as np

from credit.cost import Costs, outcome_at
from training.threshold import choose_threshold

RNG = np.random.default_rng(0)
PROBABILITIES = RNG.beta(1, 8, 4_000)
DEFAULTED = RNG.uniform(size=4_000) < PROBABILITIES
OVERRATED = RNG.uniform(size=4_000) < PROBABILITIES / 8


def test_a_calibrated_probability_gets_the_theoretical_threshold():
    choice = choose_threshold(DEFAULTED, PROBABILITIES, Costs(), seed=0)

    assert choice.threshold == 1 / 11
    assert choice.interval[0] <= 1 / 11 <= choice.interval[1]
    assert choice.interval[0] <= choice.cheapest <= choice.interval[1]


def test_a_probability_that_is_far_too_high_gets_the_cheapest_threshold():
    choice = choose_threshold(OVERRATED, PROBABILITIES, Costs(), seed=0)

    assert choice.threshold == choice.cheapest > 0.2
    assert 1 / 11 < choice.interval[0] <= choice.cheapest <= choice.interval[1]


def test_the_table_compares_the_default_the_theoretical_and_the_cheapest():
    choice = choose_threshold(OVERRATED, PROBABILITIES, Costs(), seed=0)

    thresholds = [0.5, 1 / 11, choice.cheapest]
    assert choice.table == [outcome_at(OVERRATED, PROBABILITIES, t, Costs()) for t in thresholds]
    assert choice.table[2].total < min(choice.table[0].total, choice.table[1].total)


def test_other_costs_move_the_threshold():
    assert choose_threshold(DEFAULTED, PROBABILITIES, Costs(fn=4, fp=1), seed=0).threshold == 1 / 5


def test_the_same_seed_gives_the_same_interval_and_more_clients_a_narrower_one():
    few, again = (choose_threshold(DEFAULTED[:1_000], PROBABILITIES[:1_000], Costs(), 0) for _ in range(2))
    many = choose_threshold(DEFAULTED, PROBABILITIES, Costs(), 0)

    assert few.interval == again.interval
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]
