"""CSV files in every shape that Kaggle, or a tool on the way, gives them: the same values come out."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from credit.errors import InvalidTables
from features.made_up import write_tables
from features.tables import APPLICATIONS, HISTORIES

NAMES = [table.name for table in (*APPLICATIONS, *HISTORIES)]
Lines = list[list[str]]


def copied(source: Path, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """The tables of *source*, each as *change* makes it."""
    for name in NAMES:
        (folder / f"{name}.csv").write_bytes(change((source / f"{name}.csv").read_bytes()))
    return folder


def rewritten(change: Callable[[Lines], Lines], **options: object) -> Callable[[bytes], bytes]:
    """Changes the fields of a table, the header among them, and writes it with *options* of `csv`."""

    def rewrite(content: bytes) -> bytes:
        lines = list(csv.reader(content.decode().splitlines()))
        out: list[str] = []
        writer = csv.writer(_Sink(out), lineterminator="\n", **options)
        writer.writerows(change(lines))
        return "".join(out).encode()

    return rewrite


class _Sink:
    def __init__(self, out: list[str]) -> None:
        self.write = out.append


@pytest.fixture(scope="module")
def kaggle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small tables as Kaggle writes them."""
    folder = tmp_path_factory.mktemp("kaggle")
    write_tables(folder, 60, 0, lambda _: None, "csv")
    return folder


@pytest.fixture(scope="module")
def values_of(rows) -> Callable[[Path], dict[str, list[str]]]:
    """Reads a folder of raw tables; the rows of every clean table, in any order."""
    return lambda raw: {name: sorted(map(repr, found)) for name, found in rows(raw).items()}


@pytest.fixture(scope="module")
def expected(kaggle, values_of) -> dict[str, list[str]]:
    return values_of(kaggle)


def in_scientific_notation(lines: Lines) -> Lines:
    money = [at for at, name in enumerate(lines[0]) if name.startswith("AMT_")]
    for row in lines[1:]:
        for at in money:
            row[at] = f"{float(row[at]):.16e}" if row[at] else ""
    return lines


def with_an_index_and_more(lines: Lines) -> Lines:
    """As a data frame is written that had one column more; it shares a name but for its case."""
    head = ["", *lines[0], "note", "amt_annuity"]
    return [head, *([str(at), *row, 'a "b", c', ""] for at, row in enumerate(lines[1:]))]


def nan_for_missing_numbers(lines: Lines) -> Lines:
    numbers = [at for at, name in enumerate(lines[0]) if name.startswith(("AMT_", "DAYS_", "CNT_", "EXT_"))]
    for row in lines[1:]:
        for at in numbers:
            row[at] = row[at] or "NaN"
    return lines


SHAPES = {
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "lines end as on Windows": lambda content: content.replace(b"\n", b"\r\n"),
    "no end of the last line": lambda content: content.rstrip(b"\n"),
    "a blank line at the end": lambda content: content + b"\n",
    "every field quoted": rewritten(lambda lines: lines, quoting=csv.QUOTE_ALL),
    "columns in another order": rewritten(lambda lines: [row[::-1] for row in lines]),
    "scientific notation": rewritten(in_scientific_notation),
    "columns too many": rewritten(with_an_index_and_more),
    "NaN for missing": rewritten(nan_for_missing_numbers),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_csv_of_another_shape_gives_the_same_values(kaggle, expected, values_of, tmp_path, shape):
    assert len(expected["application"]) == 70
    assert values_of(copied(kaggle, tmp_path, SHAPES[shape])) == expected


def test_kaggles_csv_gives_the_values_of_parquet(values_of, tmp_path):
    for file_format in ("csv", "parquet"):
        write_tables(tmp_path / file_format, 200, 3, lambda _: None, file_format)

    from_csv, from_parquet = (values_of(tmp_path / file_format) for file_format in ("csv", "parquet"))

    assert len(from_csv["application"]) == 232  # Kaggle has 48,744 test clients beside 307,511
    assert from_csv == from_parquet


def test_tables_with_a_header_only_are_empty_not_wrong(kaggle, expected, values_of, tmp_path):
    copied(kaggle, tmp_path, lambda content: content)
    for table, end in zip(HISTORIES, ("\n", "", "\r\n", "\n", "", "\n"), strict=True):
        header = (kaggle / f"{table.name}.csv").read_text().splitlines()[0]
        (tmp_path / f"{table.name}.csv").write_text(header + end)

    found = values_of(tmp_path)

    assert found.pop("application") == expected["application"]
    assert set(map(len, found.values())) == {0}


def test_an_empty_file_is_refused(kaggle, values_of, tmp_path):
    copied(kaggle, tmp_path, lambda content: content)
    (tmp_path / "bureau.csv").write_bytes(b"")

    with pytest.raises(InvalidTables, match=r"bureau\.csv is empty: 0 rows, and no header"):
        values_of(tmp_path)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (rewritten(lambda lines: [*lines[:-1], [*lines[-1], "1"]]), r"cannot be read as CSV"),
        (lambda content: content.replace(b",", b";"), r"\(60 rows\) has no column SK_ID_CURR, TARGET"),
        (lambda content: content.decode().encode("utf-16"), "it is not UTF-8 text"),
        (lambda content: content.replace(b"Working", b"W\xf6rking"), "it is not UTF-8 text"),
        (
            lambda content: content.replace(b"AMT_CREDIT,", b"AMT_ANNUITY,"),
            r"\(60 rows\) has column AMT_ANNUITY twice",
        ),
    ],
)
def test_a_csv_that_is_none_is_refused(kaggle, values_of, tmp_path, broken, said):
    copied(kaggle, tmp_path, lambda content: content)
    file = tmp_path / "application_train.csv"
    file.write_bytes(broken(file.read_bytes()))

    with pytest.raises(InvalidTables, match=r"application_train\.csv.*" + said):
        values_of(tmp_path)
