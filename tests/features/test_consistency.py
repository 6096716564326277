"""What follows from other values is computed, and what contradicts them is refused."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import candidates
from features.consistency import Consistency
from features.encoder import Encoder
from features.formula import Formula, Operation
from features.ratios import ACROSS, RATIOS
from features.schema import FeatureSchema

SCHEMA = FeatureSchema(candidates(), len(candidates()))
CHECK = Consistency(SCHEMA)


def values(**given):
    return [given.get(name) for name in SCHEMA.names]


def findings(**given):
    return [(found.field, found.rule) for found in CHECK.findings(values(**given))]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"AMT_ANNUITY": 5.0, "AMT_CREDIT": 100.0, "PAYMENT_RATE": 0.06}, [("PAYMENT_RATE", "derived")]),
        (
            {"EXT_SOURCE_1": 0.2, "EXT_SOURCE_2": 0.4, "EXT_SOURCE_MEAN": 0.5},
            [("EXT_SOURCE_MEAN", "derived")],
        ),
        ({"EXT_SOURCE_1": 0.2, "EXT_SOURCE_COUNT": 2.0}, [("EXT_SOURCE_COUNT", "derived")]),
        ({"INSTAL_DPD_MEAN": 5.0, "INSTAL_DPD_MAX": 4.0}, [("INSTAL_DPD_MEAN", "order")]),
        (
            {"INSTAL_AMT_PAYMENT_MIN": 5.0, "INSTAL_AMT_PAYMENT_MAX": 4.0},
            [("INSTAL_AMT_PAYMENT_MIN", "order")],
        ),
        ({"ACTIVE_COUNT": 3.0, "BURO_COUNT": 2.0}, [("ACTIVE_COUNT", "order")]),
        (
            {"CNT_CHILDREN": 3.0, "CNT_FAM_MEMBERS": 2.0, "CHILDREN_PERC": 0.1},
            [("CNT_CHILDREN", "order"), ("CHILDREN_PERC", "derived")],
        ),
    ],
)
def test_what_cannot_be_true_together_is_named(given, found):
    assert findings(**given) == found


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"PAYMENT_RATE": 0.06},
        {"AMT_CREDIT": 100.0, "PAYMENT_RATE": 0.06},
        {"AMT_ANNUITY": 5.0, "AMT_CREDIT": 100.0, "PAYMENT_RATE": 0.05004},
        {"AMT_ANNUITY": 5.0, "AMT_CREDIT": 0.0, "PAYMENT_RATE": 0.05},
        {"DAYS_EMPLOYED": 365243.0, "DAYS_BIRTH": -10_000.0, "DAYS_EMPLOYED_PERC": 0.5},
        {"INSTAL_DPD_MEAN": 4.001, "INSTAL_DPD_MAX": 4.0},
        {"ACTIVE_COUNT": 2.0, "BURO_COUNT": 2.0},
    ],
)
def test_what_may_be_true_together_is_not_named(given):
    assert findings(**given) == []


def test_no_made_up_client_is_refused(made):
    table = pq.read_table(made.features)
    columns = [table[name].to_pylist() for name in SCHEMA.names]

    refused = [found for client in zip(*columns, strict=True) for found in CHECK.findings(client)]

    assert table.num_rows > 2_000
    assert refused == []


def test_what_is_left_out_is_computed_as_the_tables_have_it(made):
    table = pq.read_table(made.features)
    derived = {one.feature.name for one in (*RATIOS, *ACROSS)}
    columns = {name: table[name].to_pylist() for name in SCHEMA.names}
    without = [columns[name] if name not in derived else [None] * table.num_rows for name in SCHEMA.names]
    encoder = Encoder(SCHEMA)

    computed = encoder.encode(list(zip(*without, strict=True))).rows

    given = encoder.encode(list(zip(*columns.values(), strict=True))).rows
    assert computed.shape[1] == len(SCHEMA.features)
    np.testing.assert_array_equal(computed, given)


@given(st.sampled_from(Operation), st.lists(st.none() | st.floats(-1e6, 1e6), min_size=2, max_size=2))
def test_a_formula_never_fails_and_needs_what_it_says_it_needs(operation, parts):
    found = Formula(operation, ("A", "B"), factor=2.0).value(parts)

    if operation is Operation.KNOWN:
        assert found == 2.0 * sum(part is not None for part in parts)
    elif operation in {Operation.QUOTIENT, Operation.PRODUCT, Operation.TOTAL}:
        assert (found is None) == (None in parts or (operation is Operation.QUOTIENT and parts[1] == 0))
    else:
        assert (found is None) == (parts == [None, None])
