"""The view `feature_values` holds every recorded value under its name, whatever it is."""

import math
import random

import msgspec
import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from records.tables import feature_values, predictions

NAMES = ("AMT_CREDIT", "NAME_HOUSING_TYPE", "CODE_GENDER", *(f"RATIO_{i}" for i in range(9)))
WIDE = msgspec.structs.replace(
    HEADER, model_sha256="f" * 64, features=NAMES, width=5, words=("NAME_HOUSING_TYPE", "CODE_GENDER")
)
NUMBERS = [0.0, -0.0, 0.1 + 0.2, 148365.0, -1e-300, 2**53 - 1.0, 1e300, 5e-324, -12345.678901234567]
WORDS = ["House / apartment", "", "à côté", 'quo"te', "back\\slash", "null", "12.5", "😀", "\\u0000"]


def inputs(values: list[float | str | None]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(values))


def viewed(database, decision_id):
    """Name, value, number and whether it is missing, for each feature of a decision."""
    columns = (feature_values.c[name] for name in ("feature", "value", "number", "is_null"))
    query = sa.select(*columns).where(feature_values.c.decision_id == decision_id)
    return {row.feature: tuple(row)[1:] for row in database.rows(query)}


def test_every_value_of_every_decision_is_there_as_it_was_recorded(database):
    draw = random.Random(5)
    given = {}
    for _ in range(30):
        width = draw.randrange(len(NAMES) + 1)
        values = [draw.choice([*NUMBERS, *WORDS, None, draw.uniform(-1e6, 1e6)]) for _ in range(width)]
        one = record(model_sha256=WIDE.model_sha256, inputs=inputs(values))
        given[one.decision_id] = values + [None] * (len(NAMES) - width)
        database.add(WIDE, [one])

    for decision_id, values in given.items():
        found = viewed(database, decision_id)
        assert set(found) == set(NAMES)
        for name, value in zip(NAMES, values, strict=True):
            shown, number, is_null = found[name]
            assert is_null == (value is None)
            if isinstance(value, float):
                assert number == value
                assert math.copysign(1, number) == math.copysign(1, value) or value == 0
                assert float(shown) == value
            else:
                assert (shown, number) == (value, None)


def test_each_model_has_names_of_its_own(database):
    database.add(WIDE, [wide := record(model_sha256=WIDE.model_sha256, inputs=inputs([5.0, "x", 1.0]))])
    database.add(HEADER, [narrow := record()])

    assert viewed(database, narrow.decision_id) == {
        "AMT_CREDIT": (pytest.approx(148365.0) if "sqlite" in database.name else "148365.0", 148365.0, False),
        "NAME_HOUSING_TYPE": ("House", None, False),
        "EXTRA": (None, None, True),
    }
    assert viewed(database, wide.decision_id)["CODE_GENDER"][1] == 1.0


def test_a_character_that_no_database_holds_in_a_text_spoils_no_other_value(database):
    database.add(HEADER, [strange := record(inputs=inputs([1.0, "a\0b\\u0000", None])), plain := record()])

    found = viewed(database, strange.decision_id)

    shown = found["NAME_HOUSING_TYPE"][0]
    assert shown == "a\N{REPLACEMENT CHARACTER}b\\u0000"
    assert found["AMT_CREDIT"][1] == 1.0
    assert len(viewed(database, plain.decision_id)) == 3


def test_what_an_erasure_took_away_is_no_longer_viewed(database):
    database.add(HEADER, [one := record(), other := record()])
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM prediction_inputs WHERE seq = 1")

    assert viewed(database, one.decision_id) == {}
    assert len(viewed(database, other.decision_id)) == 3


def test_one_feature_of_all_decisions_can_be_averaged(database):
    records = [record(inputs=inputs([float(amount), "House"])) for amount in range(1, 11)]
    database.add(HEADER, records)

    query = (
        sa.select(sa.func.avg(feature_values.c.number), sa.func.count())
        .join(predictions, predictions.c.seq == feature_values.c.seq)
        .where(feature_values.c.feature == "AMT_CREDIT", predictions.c.decision == "approve")
    )
    assert database.rows(query) == [(5.5, 10)]
