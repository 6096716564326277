"""Clients are found by their number, as they were loaded last."""

import random
import time
from statistics import median

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from credit.errors import DatabaseUnavailable, InvalidTables, UnknownClient
from records.client_file import load_clients
from records.clients import Clients
from records.database import Database
from records.tables import client_names, clients
from records.writer import write


def features(path, numbers, **columns):
    table = {"SK_ID_CURR": pa.array(numbers, pa.int64()), "TARGET": pa.array([1] * len(numbers), pa.int8())}
    pq.write_table(pa.table(table | columns), path)
    return path


def load(database, path):
    return load_clients(database, path, lambda _: None)


def test_a_client_is_found_with_every_value_but_the_outcome(database, tmp_path):
    path = features(
        tmp_path / "features.parquet",
        [100_002, 100_001],
        AMT_CREDIT=[406_597.5, 0.1 + 0.2],
        CNT_CHILDREN=pa.array([0, None], pa.int64()),
        NAME_HOUSING_TYPE=pa.array(["House / apartment", None]).dictionary_encode(),
        NOT_A_NUMBER=[float("nan"), 1.0],
    )

    assert load(database, path) == 2

    found = Clients(database)
    names = ("AMT_CREDIT", "CNT_CHILDREN", "NAME_HOUSING_TYPE", "NOT_A_NUMBER")
    assert (found.find(100_002).names, found.find(100_002).values) == (
        names,
        (406_597.5, 0.0, "House / apartment", None),
    )
    assert found.find(100_001).values == (0.1 + 0.2, None, None, 1.0)
    with pytest.raises(UnknownClient, match="no client 7 is known here"):
        found.find(7)


def test_what_is_loaded_again_is_replaced_and_the_rest_stays(database, tmp_path):
    load(database, features(tmp_path / "a.parquet", [1, 2, 3], AMT_CREDIT=[1.0, 2.0, 3.0]))
    load(database, features(tmp_path / "b.parquet", [2, 4], AMT_ANNUITY=[20.0, 40.0]))

    found = Clients(database)
    assert [(one, found.find(one).names[0], found.find(one).values[0]) for one in (1, 2, 3, 4)] == [
        (1, "AMT_CREDIT", 1.0),
        (2, "AMT_ANNUITY", 20.0),
        (3, "AMT_CREDIT", 3.0),
        (4, "AMT_ANNUITY", 40.0),
    ]
    load(database, features(tmp_path / "c.parquet", [1, 2, 3, 4], AMT_CREDIT=[1.0] * 4))
    assert len(database.rows(sa.select(client_names))) == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"SK_ID_CURR": [1, 2, 2]}, "names the same SK_ID_CURR again in 1 rows"),
        ({"SK_ID_CURR": [1, None]}, "SK_ID_CURR is missing or no whole number"),
        ({"SK_ID_CURR": [1.5]}, "SK_ID_CURR is missing or no whole number"),
        ({"OTHER": [1]}, "has no column SK_ID_CURR"),
        ({"SK_ID_CURR": [1], "X": [float("inf")]}, "X is infinite in some row"),
        ({"SK_ID_CURR": [1], "X": [[1]]}, "column X is neither numbers nor words"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_name(database, tmp_path, columns, words):
    pq.write_table(pa.table(columns), tmp_path / "features.parquet")

    with pytest.raises(InvalidTables, match=words):
        load(database, tmp_path / "features.parquet")

    assert database.rows(sa.select(clients)) == []


def test_the_door_loads_a_file_and_says_what_is_none(run, url, tmp_path):
    path = features(tmp_path / "features.parquet", list(range(1, 2501)), AMT_CREDIT=[1.0] * 2500)
    (tmp_path / "shopping.parquet").write_text("milk")

    done = run(tmp_path, "load-clients", "--features", path, url=url)
    missing = run(tmp_path, "load-clients", "--features", tmp_path / "none", url=url)
    strange = run(tmp_path, "load-clients", "--features", tmp_path / "shopping.parquet", url=url)

    assert (done.exit_code, done.stdout) == (0, "2,500 clients are known by number\n")
    assert (missing.exit_code, strange.exit_code) == (1, 1)
    assert "there is no features file" in missing.output
    assert "is not a features file" in strange.output


def test_a_database_that_is_gone_is_no_unknown_client(url, tmp_path):
    database = Database(url, create=True)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE clients")

    with pytest.raises(DatabaseUnavailable, match="clients"):
        Clients(database).find(1)
    database.close()


@pytest.mark.no_cover  # which would be measured along
def test_one_client_of_many_is_read_from_sqlite_in_less_than_100_microseconds(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'octroi.db'}", create=True)
    draw = np.random.default_rng(1)
    names = [f"A_FEATURE_{i}" for i in range(645)]
    rows = [(number, "n", msgspec.json.encode(draw.random(645).tolist()), 0) for number in range(1, 5001)]
    with database.writing() as connection:
        write(connection, client_names, [("n", msgspec.json.encode(names).decode())])
        write(connection, clients, rows)
    found = Clients(database)
    took = []
    for number in random.Random(1).sample(range(1, 5001), 1000):
        started = time.thread_time_ns()
        found.find(number)
        took.append(time.thread_time_ns() - started)

    # Its own CPU time, so that a busy machine changes nothing.
    assert median(took) < 100_000
    database.close()
