"""Of the candidates, those that tell most and repeat no other are kept."""

import numpy as np
import pytest

from features.catalogue import candidates
from training.learned import learn, usable
from training.selection import ALWAYS_KEPT, select

KEPT = len(ALWAYS_KEPT) + 20


def selected(sample, kept=KEPT):
    return select(usable(learn(candidates(), sample)), sample, kept, seed=0, threads=1)


def test_the_forms_features_are_those_of_the_example(example):
    assert set(ALWAYS_KEPT) == set(example) - {"CODE_GENDER"}


def test_the_forms_features_are_kept_and_sex_is_not(few):
    names = selected(few)

    assert len(names) == len(set(names)) == KEPT
    assert set(ALWAYS_KEPT) <= set(names)
    assert "CODE_GENDER" not in names
    assert names == [feature.name for feature in candidates() if feature.name in set(names)]


def test_a_feature_that_tells_the_label_is_found_and_one_that_tells_nothing_is_not(few):
    rng = np.random.default_rng(0)
    few.columns["FLAG_DOCUMENT_3"] = few.defaulted + rng.normal(0, 0.3, len(few))
    few.columns["FLAG_DOCUMENT_6"] = np.where(np.arange(len(few)) == 7, 1.0, 0.0)

    names = selected(few)

    assert "FLAG_DOCUMENT_3" in names
    assert "FLAG_DOCUMENT_6" not in names


def test_of_two_features_that_tell_the_same_one_is_kept(few):
    few.columns["DAYS_REGISTRATION"] = -few.columns["DAYS_BIRTH"]
    few.columns["AMT_REQ_CREDIT_BUREAU_YEAR"] = few.columns["EXT_SOURCE_2"] * 3

    names = selected(few)

    assert {"DAYS_REGISTRATION", "DAYS_BIRTH", "EXT_SOURCE_2"} <= set(names)
    assert "AMT_REQ_CREDIT_BUREAU_YEAR" not in names


def test_features_that_never_vary_are_not_usable(few):
    few.columns["EXT_SOURCE_1"][:] = 0.5
    few.columns["OWN_CAR_AGE"][:] = np.nan
    few.columns["DAYS_EMPLOYED"][:] = 365_243
    few.columns["NAME_INCOME_TYPE"][:] = "Working"

    names = {feature.name for feature in usable(learn(candidates(), few))}

    assert not names & {"EXT_SOURCE_1", "OWN_CAR_AGE", "DAYS_EMPLOYED", "NAME_INCOME_TYPE"}
    assert {"EXT_SOURCE_2", "DAYS_BIRTH"} <= names


def test_categories_are_coded_by_their_default_rate(sample):
    learned = {feature.name: feature for feature in learn(candidates(), sample)}

    income = learned["NAME_INCOME_TYPE"]
    column = sample.columns["NAME_INCOME_TYPE"]
    rates = [sample.defaulted[column == name].mean() for name in income.categories]
    assert rates == sorted(rates)
    assert rates[0] < rates[-1]
    assert set(income.categories) == {name for name in column if name is not None}


@pytest.mark.parametrize("kept", [600, 937])
def test_where_many_are_asked_for_all_that_repeat_no_other_are_found(few, kept):
    """Copies of one feature fill the first ranks; what comes after them is still looked at."""
    copied = [feature.name for feature in usable(learn(candidates(), few)) if not feature.is_category][-400:]
    for name in set(copied) - set(ALWAYS_KEPT):
        few.columns[name] = few.columns["EXT_SOURCE_2"].copy()

    names = selected(few, kept)

    assert len(names) < kept
    assert len(set(names) & (set(copied) - set(ALWAYS_KEPT))) == 0
    assert len(names) > 200
