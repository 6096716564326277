"""Two files of features are found equal where they are, and different where they are not."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profiling.agreement import compare

ROWS = {
    "word": ["a", None, "b"],
    "number": [1.0, None, 3.0],
    "nothing": [None, None, None],
    "zero": [0.0, 0.0, 0.0],
}
TYPES = pa.schema(
    {"word": pa.string(), "number": pa.float64(), "nothing": pa.float64(), "zero": pa.float64()}
)


@pytest.fixture
def against(tmp_path):
    """Compares the rows with the same rows, some columns of which are replaced."""

    def compared(**columns):
        pq.write_table(pa.table(ROWS, schema=TYPES), tmp_path / "one.parquet")
        pq.write_table(pa.table(ROWS | columns, schema=TYPES), tmp_path / "other.parquet")
        return compare(tmp_path / "one.parquet", tmp_path / "other.parquet")

    return compared


def test_equal_files_agree(against):
    found = against()

    assert (found.columns, found.missing_differ, found.words_differ, found.largest) == (4, (), (), 0.0)
    assert found.holds


def test_a_value_missing_in_one_file_only_is_a_difference(against):
    found = against(number=[1.0, 0.0, 3.0])

    assert (found.missing_differ, found.holds) == (("number",), False)


def test_another_word_is_a_difference(against):
    found = against(word=["a", None, "c"])

    assert (found.words_differ, found.holds) == (("word",), False)


@pytest.mark.parametrize(("shift", "holds"), [(1e-12, True), (1e-8, False)])
def test_numbers_may_differ_in_their_last_digits_only(against, shift, holds):
    found = against(number=[1.0, None, 3.0 * (1 + shift)])

    assert found.largest == pytest.approx(shift, rel=1e-3)
    assert (found.largest_in, found.holds) == ("number", holds)


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf")])
def test_what_is_no_number_agrees_with_nothing(against, nonsense):
    found = against(number=[1.0, None, nonsense])

    assert (found.largest, found.largest_in, found.holds) == (float("inf"), "number", False)


def test_a_number_where_the_other_file_has_only_zeros_is_a_difference(against):
    found = against(zero=[0.0, 0.0, 1e-300])

    assert (found.largest, found.largest_in) == (1.0, "zero")
