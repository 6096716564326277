"""Named values become the model's row, alone and by the column."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.errors import InvalidModel
from features.encoder import Encoder
from features.schema import Feature, FeatureSchema, Kind, ordered

AGE = Feature("DAYS_BIRTH", Kind.NUMBER, "days", "age", seen=(-25_000.0, -7_000.0))
EMPLOYED = Feature("DAYS_EMPLOYED", Kind.NUMBER, "days", "work", sentinels=(365243.0,), seen=(-9_000.0, 0.0))
GENDER = Feature("CODE_GENDER", Kind.CATEGORY, "", "sex", aliases={"1": "F", "0": "M"}, categories=("F", "M"))
HOUSE = Feature("NAME_HOUSING_TYPE", Kind.CATEGORY, "", "home", categories=("House", "Rented"))
SCHEMA = FeatureSchema((AGE, EMPLOYED, GENDER, HOUSE, Feature("EXTRA", Kind.NUMBER, "", "unused")), width=4)

applicants = st.lists(
    st.tuples(
        st.none() | st.floats(-1e9, 1e9),
        st.none() | st.sampled_from([365243.0, -100.0, 0.0]),
        st.none() | st.sampled_from(["F", "M", "XNA", 1.0, 0.0, 0.5]),
        st.none() | st.sampled_from(["House", "Rented", "Castle", ""]),
        st.none() | st.floats(-1e9, 1e9),
    ),
    min_size=1,
    max_size=20,
)


def test_values_categories_and_sentinels_become_one_row():
    encoded = Encoder(SCHEMA).encode([(-10_000.0, 365243.0, "M", "House", 5.0)])

    assert encoded.rows.shape == (1, 4)
    assert encoded.rows.dtype == np.float64
    assert encoded.rows[0, [0, 2, 3]].tolist() == [-10_000.0, 1.0, 0.0]
    assert math.isnan(encoded.rows[0, 1])
    assert encoded.warnings == [()]


def test_an_alias_is_the_category_it_stands_for():
    rows = Encoder(SCHEMA).encode([(None, None, 1.0, None, None), (None, None, 0.0, None, None)]).rows

    assert rows[:, 2].tolist() == [0.0, 1.0]


def test_an_unknown_category_is_missing_and_warned_of_never_another_category():
    encoded = Encoder(SCHEMA).encode([(-10_000.0, -5.0, "F", "Castle", None)])

    assert math.isnan(encoded.rows[0, 3])
    assert [(found.field, found.rule) for found in encoded.warnings[0]] == [
        ("NAME_HOUSING_TYPE", "unknown-category")
    ]


def test_a_missing_category_is_missing_without_a_warning():
    assert Encoder(SCHEMA).encode([(-10_000.0, -5.0, "F", None, None)]).warnings == [()]


def test_only_the_applicant_outside_the_training_range_is_warned():
    encoded = Encoder(SCHEMA).encode(
        [(-10_000.0, -5.0, "F", "House", None), (-6_999.0, -5.0, "F", "House", None)]
    )

    assert [[found.rule for found in warnings] for warnings in encoded.warnings] == [
        [],
        ["outside-training-range"],
    ]


def test_an_application_that_is_mostly_missing_says_so_and_one_that_is_half_missing_does_not():
    encoded = Encoder(SCHEMA).encode(
        [(-10_000.0, None, None, None, None), (-10_000.0, -1.0, None, None, None)]
    )

    assert [[found.rule for found in warnings] for warnings in encoded.warnings] == [["mostly-missing"], []]


@given(applicants)
def test_a_warning_never_repeats_a_value(rows):
    for values, warnings in zip(rows, Encoder(SCHEMA).encode(rows).warnings, strict=True):
        text = " ".join(found.message for found in warnings)
        assert all(str(value) not in text for value in values if value not in {None, "", "F", "M", 0.0, 1.0})


@given(applicants)
def test_columns_and_single_applicants_give_the_same_rows(rows):
    encoder = Encoder(SCHEMA)
    numbers = {"DAYS_BIRTH": 0, "DAYS_EMPLOYED": 1, "EXTRA": 4}
    words = {"CODE_GENDER": 2, "NAME_HOUSING_TYPE": 3}
    columns = {name: np.array([row[i] for row in rows], dtype=np.float64) for name, i in numbers.items()}
    columns |= {name: np.array([row[i] for row in rows], dtype=object) for name, i in words.items()}

    np.testing.assert_array_equal(encoder.encode_columns(columns), encoder.encode(rows).rows)


@given(applicants)
def test_a_row_does_not_depend_on_its_company(rows):
    encoder = Encoder(SCHEMA)

    alone = np.concatenate([encoder.encode([values]).rows for values in rows])

    np.testing.assert_array_equal(encoder.encode(rows).rows, alone)


def test_a_schema_survives_its_json():
    assert FeatureSchema.from_json(SCHEMA.to_json()) == SCHEMA


def test_the_models_features_come_first_in_the_models_order():
    schema = ordered(SCHEMA.features, ["NAME_HOUSING_TYPE", "DAYS_BIRTH"])

    assert schema.names == ("NAME_HOUSING_TYPE", "DAYS_BIRTH", "DAYS_EMPLOYED", "CODE_GENDER", "EXTRA")
    assert [feature.name for feature in schema.used] == ["NAME_HOUSING_TYPE", "DAYS_BIRTH"]
    assert schema.position("EXTRA") == 4


@pytest.mark.parametrize("features", [(), (AGE, AGE)])
def test_a_schema_that_contradicts_itself_is_refused(features):
    with pytest.raises(InvalidModel):
        FeatureSchema(features, 1)


def test_a_schema_of_another_format_is_refused_not_guessed():
    with pytest.raises(InvalidModel, match="format 99"):
        FeatureSchema.from_json(SCHEMA.to_json().replace('"format": 1', '"format": 99'))
