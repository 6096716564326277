"""A value of the wrong kind is refused with file, column and rows; what only looks unusual is not."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import InvalidTables
from features.tables import CLIENT

CLIENTS = [{CLIENT: 100001, "TARGET": 0}, {CLIENT: 100002, "TARGET": 1}]
FORMATS = pytest.mark.parametrize("file_format", ["csv", "parquet"])


def replaced(folder, table: str, name: str, values: pa.Array) -> None:
    """*values* in place of a column of a Parquet file."""
    file = folder / f"{table}.parquet"
    rows = pq.read_table(file)
    pq.write_table(rows.set_column(rows.column_names.index(name), name, values), file)


@FORMATS
@pytest.mark.parametrize("name", ["DAYS_BIRTH", "CNT_CHILDREN", "FLAG_EMAIL", "TARGET"])
def test_a_fraction_in_a_column_of_whole_numbers_is_refused(raw_folder, read, file_format, name):
    folder = raw_folder(file_format, application_train=[{**CLIENTS[0], name: 0.5}, CLIENTS[1]])

    with pytest.raises(
        InvalidTables,
        match=rf"application_train\.{file_format}: column {name} is not a whole number in 1 of 2 rows",
    ):
        read(folder)


def test_a_fraction_in_the_number_of_a_client_is_refused_in_csv(raw_folder, read):
    folder = raw_folder("csv", bureau=[{CLIENT: 100001, "SK_ID_BUREAU": 5000001}])
    file = folder / "bureau.csv"
    file.write_text(file.read_text().replace("100001", "100001.5"))

    with pytest.raises(
        InvalidTables, match=r"bureau\.csv: column SK_ID_CURR is not a whole number in 1 of 1"
    ):
        read(folder)


def test_a_fraction_in_the_number_of_a_client_is_refused_in_parquet(raw_folder, read):
    folder = raw_folder(bureau=[{CLIENT: 100001, "SK_ID_BUREAU": 5000001}])
    replaced(folder, "bureau", CLIENT, pa.array([100001.5]))

    with pytest.raises(
        InvalidTables, match=r"bureau\.parquet: column SK_ID_CURR is not a whole number in 1 of 1"
    ):
        read(folder)


@FORMATS
def test_an_amount_with_decimals_and_a_whole_number_with_a_point_are_read(raw_folder, rows, file_format):
    client = {**CLIENTS[0], "AMT_CREDIT": 406597.5, "AMT_ANNUITY": 1.0, "DAYS_REGISTRATION": -3648.0}

    (row,) = rows(raw_folder(file_format, application_train=[client]))["application"]

    found = {name: row[name] for name in ("AMT_CREDIT", "AMT_ANNUITY", "DAYS_REGISTRATION")}
    assert found == {"AMT_CREDIT": 406597.5, "AMT_ANNUITY": 1.0, "DAYS_REGISTRATION": -3648.0}


@pytest.mark.parametrize(
    "numbers",
    [pa.array([100001.0]), pa.array([100001], pa.int32()), pa.array([100001]).cast(pa.decimal128(20, 0))],
    ids=lambda numbers: str(numbers.type),
)
def test_the_number_of_a_client_may_have_any_type_of_number(raw_folder, rows, numbers):
    folder = raw_folder(bureau=[{CLIENT: 1, "SK_ID_BUREAU": 5000001, "DAYS_CREDIT": -10.0}])
    replaced(folder, "bureau", CLIENT, numbers)

    (loan,) = rows(folder)["bureau"]

    assert (loan[CLIENT], loan["DAYS_CREDIT"]) == (100001, -10.0)


def test_rows_without_the_number_of_a_client_are_ignored_and_counted(raw_folder, built):
    folder = raw_folder("csv", bureau=[{"SK_ID_BUREAU": 1}, {CLIENT: 100001, "SK_ID_BUREAU": 2}])

    _, summary = built(folder)

    assert summary.ignored["bureau"] == 1


@pytest.mark.parametrize("text", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_text_may_have_any_type_of_text(raw_folder, rows, text):
    folder = raw_folder(application_train=CLIENTS)
    replaced(folder, "application_train", "CODE_GENDER", pa.array(["F", None]).cast(text))

    genders = {row[CLIENT]: row["CODE_GENDER"] for row in rows(folder)["application"]}

    assert genders == {100001: "F", 100002: None}


def test_truth_values_are_no_numbers(raw_folder, read):
    folder = raw_folder(application_train=CLIENTS)
    replaced(folder, "application_train", "FLAG_EMAIL", pa.array([True, None]))

    with pytest.raises(InvalidTables, match="column FLAG_EMAIL is not a number in 1 of 2 rows"):
        read(folder)


@FORMATS
def test_an_amount_beyond_all_money_is_refused_in_an_application_too(raw_folder, read, file_format):
    folder = raw_folder(file_format, application_train=[{**CLIENTS[0], "AMT_CREDIT": 1e20}, CLIENTS[1]])

    with pytest.raises(InvalidTables, match="column AMT_CREDIT is not a number in 1 of 2 rows"):
        read(folder)


def test_a_column_twice_in_parquet_is_refused(raw_folder, read):
    folder = raw_folder(application_train=CLIENTS)
    rows = pq.read_table(folder / "application_train.parquet")
    pq.write_table(rows.append_column("AMT_CREDIT", rows["AMT_CREDIT"]), folder / "application_train.parquet")

    with pytest.raises(
        InvalidTables, match=r"application_train\.parquet \(2 rows\) has column AMT_CREDIT twice"
    ):
        read(folder)


@FORMATS
def test_a_folder_in_the_place_of_a_file_is_a_missing_table(raw_folder, read, file_format):
    folder = raw_folder(file_format)
    (folder / f"bureau.{file_format}").unlink()
    (folder / f"bureau.{file_format}").mkdir()

    with pytest.raises(InvalidTables, match=r"holds no bureau\.csv"):
        read(folder)
