"""The list of candidates: complete, described, and never too strict."""

import json
from pathlib import Path

import pytest

from features.catalogue import candidates, sections
from features.dictionary import markdown
from features.schema import Kind
from features.tables import APPLICATION_TEST, CLIENT

ROOT = Path(__file__).parents[2]
EXAMPLE = json.loads((ROOT / "docs/examples/predict_40.json").read_text())
BY_NAME = {feature.name: feature for feature in candidates()}


def _within(name: str, value: float) -> bool:
    feature = BY_NAME[name]
    low = feature.low is None or value >= feature.low
    return low and (feature.high is None or value <= feature.high)


def test_there_are_at_least_500_candidates_each_named_once():
    assert len(BY_NAME) == len(candidates()) >= 500


def test_every_column_of_the_application_is_a_candidate_in_kaggles_order():
    own = [name for name in APPLICATION_TEST.names if name != CLIENT]

    assert [feature.name for feature in candidates()[: len(own)]] == own


def test_every_candidate_has_a_meaning_of_one_line_and_a_unit():
    for feature in candidates():
        assert feature.meaning.endswith("."), feature.name
        assert "\n" not in feature.meaning, feature.name
        assert feature.unit, feature.name


def test_no_name_holds_a_character_that_lightgbm_refuses():
    assert [name for name in BY_NAME if not name.replace("_", "").isalnum()] == []


def test_exactly_three_are_required():
    required = {feature.name for feature in candidates() if feature.required}

    assert required == {"AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH"}


def test_the_example_is_made_of_candidates_and_within_their_limits():
    numbers = {name: value for name, value in EXAMPLE.items() if BY_NAME[name].kind is Kind.NUMBER}

    assert len(numbers) == 39
    assert [name for name, value in numbers.items() if not _within(name, value)] == []


def test_sex_is_understood_as_the_recipe_writes_it():
    assert BY_NAME["CODE_GENDER"].aliases[str(EXAMPLE["CODE_GENDER"])] == "F"


# Home Credit's own tables hold all of these.
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BURO_DAYS_CREDIT_ENDDATE_MAX", 31199),
        ("BURO_DAYS_CREDIT_ENDDATE_MIN", -42060),
        ("BURO_DAYS_CREDIT_UPDATE_MAX", 372),
        ("BURO_AMT_CREDIT_SUM_DEBT_SUM", -4705600.32),
        ("BURO_AMT_CREDIT_SUM_LIMIT_MEAN", -586406.11),
        ("BURO_DEBT_CREDIT_PERC_MEAN", -0.4),
        ("BURO_DEBT_INCOME_PERC", -0.1),
        ("CC_AMT_BALANCE_MIN", -420250.185),
        ("CC_AMT_DRAWINGS_ATM_CURRENT_MIN", -6827.31),
        ("CC_AMT_RECIVABLE_MIN", -420250.185),
        ("PREV_AMT_DOWN_PAYMENT_MIN", -0.9),
        ("PREV_RATE_DOWN_PAYMENT_MIN", -0.0000149),
        ("PREV_DAYS_LAST_DUE_1ST_VERSION_MAX", 2129),
        ("INSTAL_PAYMENT_PERC_MAX", 194250),
        ("INSTAL_PAYMENT_DIFF_MIN", -2424726.4),
        ("PREV_APP_CREDIT_PERC_MAX", 20),
        ("CNT_CHILDREN", 20),
        ("OWN_CAR_AGE", 91),
        ("AMT_INCOME_TOTAL", 117000000),
        ("DAYS_EMPLOYED", -17912),
        ("DAYS_BIRTH", -25229),
        ("DAYS_BIRTH", -7338),
        ("DAYS_REGISTRATION", -24672),
        ("DAYS_LAST_PHONE_CHANGE", 0),
        ("EXT_SOURCE_2", 8.17e-08),
    ],
)
def test_no_limit_refuses_a_true_value(name, value):
    assert _within(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXT_SOURCE_1", 1.01),
        ("EXT_SOURCE_3", -0.01),
        ("DAYS_BIRTH", -4999),
        ("DAYS_BIRTH", 30),
        ("AMT_CREDIT", -1),
        ("DAYS_EMPLOYED", 1),
        ("FLAG_EMAIL", 2),
        ("BURO_CREDIT_ACTIVE_Active_MEAN", 1.5),
        ("POS_MONTHS_BALANCE_SIZE", -1),
        ("INSTAL_DPD_MEAN", -1),
        ("CLOSED_DAYS_CREDIT_VAR", -1),
        ("ACTIVE_DAYS_CREDIT_MAX", 1),
    ],
)
def test_a_limit_refuses_what_cannot_be(name, value):
    assert not _within(name, value)


def test_the_sentinel_of_days_employed_is_declared_for_requests_too():
    assert BY_NAME["DAYS_EMPLOYED"].sentinels == (365243.0,)


def test_training_learns_categories_and_ranges_not_the_list():
    assert all(feature.categories == () and feature.seen is None for feature in candidates())


def test_the_data_dictionary_is_what_the_list_says():
    assert (ROOT / "docs/data-dictionary.md").read_text() == markdown(sections())
