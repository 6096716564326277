"""What wrong answers cost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.cost import Costs, cheapest_threshold, compare_thresholds, outcome_at
from credit.errors import InvalidPolicy

clients = st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0)), min_size=1, max_size=60)


def arrays(rows):
    defaulted, probabilities = zip(*rows, strict=True)
    return np.array(defaulted), np.array(probabilities)


def test_a_missed_default_costs_ten_and_a_refused_good_client_one():
    defaulted = np.array([True, True, False, False, False])
    probabilities = np.array([0.9, 0.1, 0.8, 0.2, 0.1])

    outcome = outcome_at(defaulted, probabilities, 0.5, Costs())

    assert (outcome.false_negatives, outcome.false_positives) == (1, 1)
    assert outcome.total == 11.0
    assert outcome.per_client == 2.2


@given(clients)
def test_no_other_observed_threshold_is_cheaper(rows):
    defaulted, probabilities = arrays(rows)
    costs = Costs()

    chosen = cheapest_threshold(defaulted, probabilities, costs)

    outcomes = compare_thresholds(defaulted, probabilities, sorted(set(probabilities.tolist())), costs)
    least = min(outcome.total for outcome in outcomes)
    assert outcome_at(defaulted, probabilities, chosen, costs).total == least
    assert chosen == next(outcome.threshold for outcome in outcomes if outcome.total == least)


def test_dearer_missed_defaults_lower_the_threshold():
    defaulted = np.array([False, True, False, True])
    probabilities = np.array([0.1, 0.2, 0.3, 0.4])

    assert cheapest_threshold(defaulted, probabilities, Costs(fn=10, fp=1)) == 0.2
    assert cheapest_threshold(defaulted, probabilities, Costs(fn=1, fp=10)) == 0.4


def test_ten_to_one_refuses_from_one_eleventh_on():
    assert Costs(fn=10, fp=1).theoretical_threshold == 1 / 11


@pytest.mark.parametrize("costs", [(0, 1), (1, 0), (-1, 1), (float("nan"), 1), (1, float("inf"))])
def test_a_cost_that_is_not_positive_is_refused(costs):
    with pytest.raises(InvalidPolicy, match="must be positive"):
        Costs(fn=costs[0], fp=costs[1])
