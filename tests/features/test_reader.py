"""What cannot be read as Home Credit's tables is refused with file, column and rows."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import InvalidTables
from features.tables import BUREAU, CLIENT

CLIENTS = [{CLIENT: 100001, "TARGET": 0}, {CLIENT: 100002, "TARGET": 1}]


def test_a_missing_table_is_named(raw_folder, read):
    folder = raw_folder()
    (folder / "bureau_balance.parquet").unlink()

    with pytest.raises(InvalidTables, match=r"holds no bureau_balance\.csv"):
        read(folder)


def test_a_folder_that_is_none_is_named(tmp_path, read):
    with pytest.raises(InvalidTables, match="nowhere is no folder"):
        read(tmp_path / "nowhere")


def test_without_any_application_both_are_named(raw_folder, read):
    folder = raw_folder()
    (folder / "application_train.parquet").unlink()
    (folder / "application_test.parquet").unlink()

    with pytest.raises(InvalidTables, match=r"application_train\.csv, application_test\.csv"):
        read(folder)


def test_one_of_the_two_applications_is_enough(raw_folder, read):
    folder = raw_folder()
    (folder / "application_test.parquet").unlink()

    assert read(folder).rows["bureau"] == 0


def test_a_table_in_two_formats_is_refused(raw_folder, read):
    folder = raw_folder()
    (folder / "bureau.csv").write_text("SK_ID_CURR\n")

    with pytest.raises(InvalidTables, match=r"both bureau\.csv and bureau\.parquet"):
        read(folder)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_missing_column_is_named_with_file_and_rows(raw_folder, read, file_format):
    rows = [{CLIENT: 100001, "SK_ID_BUREAU": number} for number in range(3)]
    folder = raw_folder(file_format, bureau=rows)
    if file_format == "csv":
        lines = (folder / "bureau.csv").read_text().replace("DAYS_CREDIT_UPDATE", "DAYS_UPDATE")
        (folder / "bureau.csv").write_text(lines)
    else:
        table = pq.read_table(folder / "bureau.parquet").drop_columns("DAYS_CREDIT_UPDATE")
        pq.write_table(table, folder / "bureau.parquet")

    with pytest.raises(
        InvalidTables, match=rf"bureau\.{file_format} \(3 rows\) has no column DAYS_CREDIT_UPDATE$"
    ):
        read(folder)


def test_of_many_missing_columns_five_are_named(raw_folder, read):
    folder = raw_folder()
    pq.write_table(pa.table({CLIENT: [1]}), folder / "bureau.parquet")

    with pytest.raises(InvalidTables, match=f"{len(BUREAU.columns) - 6} more"):
        read(folder)


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_client_twice_in_one_application_is_refused_with_the_count(raw_folder, read, file_format):
    folder = raw_folder(file_format, application_train=[*CLIENTS, CLIENTS[0]])

    with pytest.raises(
        InvalidTables, match=rf"application_train\.{file_format}: 1 of 3 rows repeat the SK_ID_CURR"
    ):
        read(folder)


def test_a_client_in_both_applications_is_refused(raw_folder, read):
    folder = raw_folder(application_train=CLIENTS, application_test=[{CLIENT: 100002}])

    with pytest.raises(InvalidTables, match="share 1 SK_ID_CURR among their 3 rows"):
        read(folder)


def test_a_client_without_a_number_is_refused(raw_folder, read):
    folder = raw_folder(application_train=[*CLIENTS, {"TARGET": 0}])

    with pytest.raises(InvalidTables, match=r"application_train\.parquet: 1 of 3 rows have no SK_ID_CURR"):
        read(folder)


def test_a_bureau_credit_twice_is_refused(raw_folder, read):
    credit = {CLIENT: 100001, "SK_ID_BUREAU": 7}

    with pytest.raises(InvalidTables, match=r"bureau\.parquet: 1 of 2 rows repeat the SK_ID_BUREAU"):
        read(raw_folder(bureau=[credit, credit]))


def test_an_outcome_that_is_neither_0_nor_1_is_refused(raw_folder, read):
    with pytest.raises(InvalidTables, match="TARGET is neither 0 nor 1 in 1 of 1 rows"):
        read(raw_folder(application_train=[{CLIENT: 100001, "TARGET": 2}]))


def test_tables_without_a_client_are_refused(raw_folder, read):
    with pytest.raises(InvalidTables, match="0 rows"):
        read(raw_folder(application_train=[]))


def test_text_in_a_csv_column_of_numbers_is_named_with_file_and_rows_but_without_the_value(raw_folder, read):
    folder = raw_folder("csv", application_train=[{**client, "AMT_CREDIT": 4711.5} for client in CLIENTS])
    file = folder / "application_train.csv"
    file.write_text(file.read_text().replace("4711.5", "secret", 1))

    with pytest.raises(InvalidTables, match="column AMT_CREDIT is not a number in 1 of 2 rows") as refusal:
        read(folder)

    assert "secret" not in str(refusal.value)


def test_text_in_a_parquet_column_of_numbers_is_named(raw_folder, read):
    folder = raw_folder(application_train=CLIENTS)
    table = pq.read_table(folder / "application_train.parquet")
    texts = pa.array(["much", None], pa.string())
    position = table.column_names.index("AMT_CREDIT")
    pq.write_table(table.set_column(position, "AMT_CREDIT", texts), folder / "application_train.parquet")

    with pytest.raises(InvalidTables, match="column AMT_CREDIT is not a number in 1 of 2 rows"):
        read(folder)


def test_numbers_in_a_parquet_column_of_text_are_named(raw_folder, read):
    folder = raw_folder(application_train=CLIENTS)
    table = pq.read_table(folder / "application_train.parquet")
    position = table.column_names.index("CODE_GENDER")
    pq.write_table(
        table.set_column(position, "CODE_GENDER", pa.array([1.0, None])), folder / "application_train.parquet"
    )

    with pytest.raises(InvalidTables, match="column CODE_GENDER is not text in 1 of 2 rows"):
        read(folder)


def test_a_column_without_any_value_may_have_any_type(raw_folder, read):
    folder = raw_folder(application_train=CLIENTS)
    table = pq.read_table(folder / "application_train.parquet")
    for name, values in {
        "CODE_GENDER": pa.array([float("nan")] * 2),
        "AMT_CREDIT": pa.nulls(2),
        "ORGANIZATION_TYPE": pa.nulls(2),
        "EXT_SOURCE_1": pa.array([None, None], pa.string()),
    }.items():
        table = table.set_column(table.column_names.index(name), name, values)
    pq.write_table(table, folder / "application_train.parquet")

    assert read(folder).rows["bureau"] == 0


def test_a_csv_row_that_is_cut_short_is_refused_without_its_content(raw_folder, read):
    folder = raw_folder("csv", application_train=[{**client, "CODE_GENDER": "secret"} for client in CLIENTS])
    file = folder / "application_train.csv"
    file.write_text(file.read_text().rstrip()[:-20])

    with pytest.raises(InvalidTables, match=r"application_train\.csv cannot be read as CSV") as refusal:
        read(folder)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_of_noise_is_refused(raw_folder, read, suffix):
    folder = raw_folder(suffix)
    (folder / f"bureau.{suffix}").write_bytes(b"\x89\xff\x00 noise" * 100)

    with pytest.raises(InvalidTables, match=rf"bureau\.{suffix} cannot be read"):
        read(folder)
