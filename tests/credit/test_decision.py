"""What a probability means to the lender."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.decision import Assessment, Decision, RiskLevel
from credit.policy import Policy

probabilities = st.floats(0.0, 1.0)
thresholds = st.floats(1e-6, 1 - 1e-6)


def test_a_probability_at_the_threshold_is_refused():
    at, below = (
        Assessment(0.09, Policy(threshold=0.09)),
        Assessment(math.nextafter(0.09, 0), Policy(threshold=0.09)),
    )

    assert (at.prediction, at.decision) == (1, Decision.REFUSE)
    assert (below.prediction, below.decision) == (0, Decision.APPROVE)


@given(probabilities, thresholds)
def test_every_part_of_an_assessment_tells_the_same_story(probability, threshold):
    assessment = Assessment(probability, Policy(threshold=threshold))

    assert assessment.prediction == (probability >= threshold)
    assert (assessment.decision is Decision.REFUSE) == bool(assessment.prediction)
    assert assessment.probability_approval == 1.0 - probability
    assert 0.0 <= assessment.confidence <= 1.0


@given(thresholds)
def test_confidence_is_zero_at_the_threshold_and_one_at_both_ends(threshold):
    policy = Policy(threshold=threshold)

    assert Assessment(threshold, policy).confidence == 0.0
    assert Assessment(0.0, policy).confidence == 1.0
    assert Assessment(1.0, policy).confidence == 1.0


@pytest.mark.parametrize(
    ("probability", "level"),
    [
        (0.0499, RiskLevel.LOW),
        (0.05, RiskLevel.MEDIUM),
        (0.1499, RiskLevel.MEDIUM),
        (0.15000000000000002, RiskLevel.HIGH),
        (1.0, RiskLevel.HIGH),
    ],
)
def test_the_risk_level_is_low_below_half_the_threshold_and_high_from_one_and_a_half(probability, level):
    assert Assessment(probability, Policy(threshold=0.1)).risk_level is level


def test_the_bands_are_the_policys():
    policy = Policy(threshold=0.1, low_below=0.2, high_from=4.0)

    assert Assessment(0.03, policy).risk_level is RiskLevel.MEDIUM
    assert Assessment(0.39, policy).risk_level is RiskLevel.MEDIUM
    assert Assessment(0.40, policy).risk_level is RiskLevel.HIGH
