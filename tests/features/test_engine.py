"""DuckDB in parts: computed side by side, and still in order, whole, and the same to the last bit."""

import os
import signal
import threading
import time

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.engine import DuckDb

KEYS = 95
SCHEMA = ibis.schema({"id": "int64", "value": "float64"})


def per_id(tables):
    """Each id with the sum of its values; an id without any has none."""
    values = tables["values"]
    return tables["ids"].left_join(values.group_by("id").aggregate(total=values["value"].sum()), "id")[
        "id", "total"
    ]


@pytest.fixture
def values() -> pa.Table:
    """Twenty values for each id but the last, of very different size: their sum depends on their order."""
    rng = np.random.default_rng(3)
    ids = np.repeat(np.arange(KEYS - 1), 20)
    return pa.table({"id": ids, "value": rng.normal(size=len(ids)) * 10.0 ** rng.integers(-8, 8, len(ids))})


@pytest.fixture
def totals(tmp_path, values):
    """Sums the values, their rows put in a given order, in parts of a given size; the parts."""

    def sums(order: np.ndarray, workers: int, rows_at_once: int) -> list[pa.Table]:
        pq.write_table(values.take(pa.array(order)), tmp_path / "values.parquet")
        pq.write_table(pa.table({"id": np.arange(KEYS)[::-1]}), tmp_path / "ids.parquet")
        with DuckDb(tmp_path, workers, rows_at_once) as engine:
            ids = engine.open("ids", f"'{tmp_path}/ids.parquet'", ibis.schema({"id": "int64"}))
            found = engine.open("found", f"'{tmp_path}/values.parquet'", SCHEMA)
            tables = {"ids": ids, "values": engine.keep("kept", found, by="id")}
            return list(engine.parts(per_id, tables, "id"))

    return sums


def test_parts_come_in_order_and_are_the_whole(totals, values):
    parts = totals(np.arange(len(values)), workers=3, rows_at_once=10)

    found = pa.concat_tables(parts)
    assert [part.num_rows for part in parts] == [10] * 9 + [5]
    assert found["id"].to_pylist() == list(range(KEYS))
    assert found["total"].to_pylist()[-1] is None
    expected = values.group_by("id").aggregate([("value", "sum")]).sort_by("id")["value_sum"].to_numpy()
    np.testing.assert_allclose(found["total"].to_numpy()[:-1], expected, rtol=1e-9)


@pytest.mark.parametrize(("workers", "rows_at_once"), [(1, 1000), (2, 1000), (3, 7)])
def test_sums_of_doubles_are_the_same_to_the_last_bit_in_any_order(totals, values, workers, rows_at_once):
    (once,) = totals(np.arange(len(values)), workers=1, rows_at_once=1000)
    shuffled = np.random.default_rng(4).permutation(len(values))

    again = pa.concat_tables(totals(shuffled, workers, rows_at_once))

    assert again.equals(once)


def test_these_sums_would_show_another_order(values):
    one = values["value"].to_numpy()[:20]

    assert len({sum(np.random.default_rng(seed).permutation(one)) for seed in range(20)}) > 1


def test_a_part_that_fails_is_told_after_those_before_it(tmp_path):
    def no_number_at_15(tables):
        words = ibis.cases((tables["ids"]["id"] == 15, "x"), else_="1")
        return tables["ids"].mutate(number=words.cast("int64"))

    with DuckDb(tmp_path, workers=2, rows_at_once=10) as engine:
        ids = engine.open("ids", "(SELECT range AS id FROM range(30))", ibis.schema({"id": "int64"}))
        parts = engine.parts(no_number_at_15, {"ids": ids}, "id")

        assert next(parts)["number"].to_pylist() == [1] * 10
        with pytest.raises(duckdb.Error, match="Could not convert string 'x'"):
            next(parts)


def test_an_interrupted_query_is_an_interruption(tmp_path):
    def count_for_ever():
        with DuckDb(tmp_path) as engine:
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
            engine.query("SELECT count(*) FROM range(1000000000000)")

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        count_for_ever()
    # To its end it takes minutes.
    assert time.monotonic() - started < 20
