"""A features file is read whatever the order of its rows; what is wrong with it is said in one sentence."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from credit.errors import InvalidTables
from features.catalogue import candidates
from training.sample import read_sample


@pytest.fixture(scope="module")
def table(made):
    return pq.read_table(made.features)


@pytest.fixture
def reads(tmp_path):
    """Reads a table as the features file it is written to."""

    def read(table):
        pq.write_table(table, tmp_path / "features.parquet")
        return read_sample(tmp_path / "features.parquet", candidates())

    return read


def changed(table, name, column):
    return table.set_column(table.column_names.index(name), name, column)


def test_the_order_of_the_rows_does_not_matter(table, reads, sample):
    shuffled = reads(table.take(np.random.default_rng(0).permutation(len(table))))

    assert (shuffled.clients == sample.clients).all()
    assert (np.diff(shuffled.clients) > 0).all()
    assert (shuffled.defaulted == sample.defaulted).all()
    for name, column in sample.columns.items():
        assert np.array_equal(shuffled.columns[name], column, equal_nan=column.dtype == np.float64), name


def test_clients_without_outcome_are_left_out(table, sample):
    assert len(sample) == pc.sum(pc.is_valid(table["TARGET"])).as_py() < len(table)


def test_a_column_that_is_missing_throughout_is_read_as_missing(table, reads):
    nothing = changed(table, "AMT_CREDIT", pa.nulls(len(table)))
    nothing = changed(nothing, "NAME_INCOME_TYPE", pa.nulls(len(table)))

    columns = reads(nothing).columns

    assert np.isnan(columns["AMT_CREDIT"]).all()
    assert set(columns["NAME_INCOME_TYPE"]) == {None}


def test_what_is_no_features_file_is_named(made, tmp_path):
    garbage = tmp_path / "features.parquet"
    garbage.write_bytes(b"no parquet")

    with pytest.raises(InvalidTables, match=r"is not a features file: .*[a-z]; make it with"):
        read_sample(garbage, candidates())
    with pytest.raises(InvalidTables, match="there is no features file"):
        read_sample(tmp_path / "nowhere.parquet", candidates())
    with pytest.raises(InvalidTables, match="is a folder: give the Parquet file of python -m features build"):
        read_sample(tmp_path, candidates())
    with pytest.raises(InvalidTables, match="has no column"):
        read_sample(made.raw / "application_train.parquet", candidates())


def test_a_client_who_stands_twice_in_it_is_refused(table, reads):
    labelled = table.filter(pc.is_valid(table["TARGET"]))

    with pytest.raises(InvalidTables, match="names the same SK_ID_CURR again in 3 rows"):
        reads(pa.concat_tables([labelled, labelled.slice(0, 3)]))


def test_a_client_without_number_is_refused(table, reads):
    clients = table["SK_ID_CURR"].to_pandas().astype("Int64")
    clients[0] = None

    with pytest.raises(InvalidTables, match="SK_ID_CURR is missing or no whole number"):
        reads(changed(table, "SK_ID_CURR", pa.array(clients)))


def test_a_target_that_is_neither_0_nor_1_is_refused(table, reads):
    target = table["TARGET"].to_numpy(zero_copy_only=False).copy()
    target[np.flatnonzero(target == 1)[:4]] = 2

    with pytest.raises(InvalidTables, match="TARGET is neither 0 nor 1 in 4 rows"):
        reads(changed(table, "TARGET", pa.array(target, from_pandas=True)))


def test_words_in_the_place_of_numbers_are_refused(table, reads):
    words = pa.array(["a lot"] * len(table))

    with pytest.raises(InvalidTables, match="AMT_CREDIT is a number and cannot be string"):
        reads(changed(table, "AMT_CREDIT", words))
    with pytest.raises(InvalidTables, match="NAME_INCOME_TYPE is a category and cannot be double"):
        reads(changed(table, "NAME_INCOME_TYPE", table["AMT_CREDIT"]))


@pytest.mark.parametrize(
    ("clients", "defaults", "told"),
    [
        (499, 60, "has 499 labelled clients, 60 of them"),
        (600, 24, "24 of them with payment difficulties"),
        (600, 0, "0 of them"),
        (600, 600, "25 with and 25 without"),
    ],
)
def test_too_few_clients_of_an_outcome_for_five_folds_are_refused(table, reads, clients, defaults, told):
    target = np.zeros(clients, dtype=np.int8)
    target[:defaults] = 1

    with pytest.raises(InvalidTables, match=told):
        reads(changed(table.slice(0, clients), "TARGET", pa.array(target)))
