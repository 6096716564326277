"""Groups are compared by what was decided about those who repaid."""

import numpy as np
import pytest

from training.fairness import SMALL, GroupOutcome, age_bands, largest_gap, outcomes_by, sexes


def group(name, repaid, repaid_approved):
    return GroupOutcome(name, 2 * repaid, repaid_approved, repaid, repaid_approved)


def test_the_rates_of_a_group_worked_out_by_hand():
    groups = np.array(["M", "F", "F", "F", "F", "unknown"], dtype=object)
    defaulted = np.array([True, False, False, True, True, False])
    approved = np.array([True, True, False, True, False, True])

    women, men, unknown = outcomes_by(groups, defaulted, approved)

    assert [women.group, men.group, unknown.group] == ["F", "M", "unknown"]
    assert (women.clients, women.approval_rate, women.default_rate) == (4, 0.5, 0.5)
    assert women.equal_opportunity == 0.5
    assert (men.approval_rate, men.equal_opportunity) == (1.0, None)
    assert unknown.equal_opportunity == 1.0


def test_an_age_belongs_to_one_band_from_its_birthday_on():
    days = np.array([-29.99, -30, -39.99, -40, -59.99, -60, -95, np.nan]) * 365.25

    assert list(age_bands(days)) == [
        "under 30",
        "30 to 39",
        "30 to 39",
        "40 to 49",
        "50 to 59",
        "60 and over",
        "60 and over",
        "unknown",
    ]


def test_bands_are_told_from_the_youngest_up_and_the_unknown_last():
    bands = age_bands(np.array([np.nan, -65, -25, -45, -35]) * 365.25)
    nobody = np.zeros(5, dtype=bool)

    named = [outcome.group for outcome in outcomes_by(bands, nobody, nobody)]

    assert named == ["under 30", "30 to 39", "40 to 49", "60 and over", "unknown"]


def test_a_sex_that_is_not_told_is_a_group_of_its_own():
    assert list(sexes(np.array(["F", None, "M"], dtype=object))) == ["F", "unknown", "M"]


def test_the_gap_is_between_groups_that_are_large_enough_to_tell():
    large = [group("F", 200, 180), group("M", SMALL, 60)]
    small = group("unknown", SMALL - 1, 0)

    assert [outcome.is_small for outcome in (*large, small)] == [False, False, True]
    assert largest_gap([*large, small]) == pytest.approx(0.3)
    assert largest_gap([large[0], small]) is None
