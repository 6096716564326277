"""An export holds what was recorded, exactly, whole or not at all, and the records know of it."""

import csv
import json
import tracemalloc
from datetime import UTC, datetime

import msgspec
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from records.export import Between, export
from records.hours import microseconds_of
from records.record import DecisionRecord
from records.sink import COLUMNS, ExportRefused
from records.tables import exports

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
AWKWARD = [0.1 + 0.2, 5e-324, 1 / 3, 0.0, 1.0, 0.09090909090909091]


def awkward() -> list[DecisionRecord]:
    """Decisions whose probabilities need every digit, some of their fields missing."""
    return [
        record(
            probability_default=probability,
            decided_at_us=microseconds_of(NOON) + i,
            sk_id_curr=None if i % 2 else 100_000 + i,
            amt_credit=None if i % 3 else 1.1,
            request_id='quo"te, comma',
            scenario="storm" if i == 5 else None,
        )
        for i, probability in enumerate(AWKWARD)
    ]


def quiet(_: float) -> None:
    """Nobody watches."""


def test_a_csv_reads_back_as_what_was_recorded(tmp_path, database):
    database.add(HEADER, records := awkward())

    count = export(database, tmp_path / "out.csv", "csv", Between(), quiet)

    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert count == len(rows) == 6
    assert list(rows[0]) == list(COLUMNS)
    for row, one in zip(rows, records, strict=True):
        assert row["decision_id"] == one.decision_id
        assert row["probability_default"] == repr(one.probability_default)
        assert float(row["probability_approval"]) == 1.0 - one.probability_default
        assert row["sk_id_curr"] == ("" if one.sk_id_curr is None else str(one.sk_id_curr))
        assert row["amt_credit"] == ("" if one.amt_credit is None else "1.1")
        assert (row["latency_ms"], row["request_id"]) == ("0.9", 'quo"te, comma')
        assert json.loads(row["warnings"])[0]["rule"] == "outside-training-range"
    assert rows[3]["decided_at"] == "2026-11-03T12:00:00.000003Z"
    assert [row["scenario"] for row in rows] == ["", "", "", "", "", "storm"]


def test_a_parquet_file_reads_back_as_what_was_recorded(tmp_path, database):
    database.add(HEADER, records := awkward())

    export(database, tmp_path / "out.parquet", "parquet", Between(), quiet)

    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["probability_default"] for row in rows] == [one.probability_default for one in records]
    assert [row["sk_id_curr"] for row in rows] == [one.sk_id_curr for one in records]
    assert rows[2]["decided_at"] == NOON.replace(microsecond=2)
    assert list(rows[0]) == list(COLUMNS)


def test_a_range_of_time_begins_with_its_first_microsecond_and_ends_before_its_last(tmp_path, database):
    database.add(HEADER, awkward())
    within = Between(microseconds_of(NOON) + 1, microseconds_of(NOON) + 4)

    assert export(database, tmp_path / "some.csv", "csv", within, quiet) == 3
    assert export(database, tmp_path / "none.csv", "csv", Between(5, 6), quiet) == 0
    assert len((tmp_path / "none.csv").read_text().splitlines()) == 1


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_many_pages_are_exported_in_order_and_in_constant_memory(tmp_path, database, form, monkeypatch):
    monkeypatch.setattr("records.export._PAGE", 100)
    first = record()
    for _ in range(4):
        batch = [msgspec.structs.replace(first, decision_id=record().decision_id) for _ in range(500)]
        database.add(HEADER, batch)
    done: list[float] = []
    export(database, tmp_path / "first", form, Between(), quiet)  # loads what it needs

    tracemalloc.start()
    export(database, tmp_path / f"out.{form}", form, Between(), done.append)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(done) == 20
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert peak < 8 << 20


def test_the_records_know_where_copies_went(tmp_path, database):
    database.add(HEADER, awkward())

    export(database, tmp_path / "out.csv", "csv", Between(microseconds_of(NOON) + 2), quiet)

    table = exports.c
    assert database.rows(sa.select(table.path, table.first_seq, table.last_seq, table.decisions)) == [
        (str(tmp_path / "out.csv"), 3, 6, 4)
    ]


def test_an_export_that_fails_leaves_what_was_there(tmp_path, database):
    database.add(HEADER, awkward())
    (tmp_path / "out.csv").write_text("of yesterday")

    def full(_: float) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export(database, tmp_path / "out.csv", "csv", Between(), full)

    assert (tmp_path / "out.csv").read_text() == "of yesterday"
    assert [path.name for path in tmp_path.glob("out*")] == ["out.csv"]
    assert database.rows(sa.select(exports)) == []


def test_without_pyarrow_parquet_is_refused_in_a_sentence(tmp_path, database, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)

    with pytest.raises(ExportRefused, match="run make setup, or ask for --format csv"):
        export(database, tmp_path / "out.parquet", "parquet", Between(), quiet)


def test_the_command_says_how_many_and_where(tmp_path, database, url, run):
    database.add(HEADER, awkward())

    done = run(tmp_path, "export", "--out", tmp_path / "o.csv", "--since", NOON.isoformat(), url=url)
    late = run(tmp_path, "export", "--out", tmp_path / "l.csv", "--since", "2026-11-04", url=url)
    device = run(tmp_path, "export", "--out", "/dev/null", url=url)

    assert done.stdout == f"6 decisions are in {tmp_path / 'o.csv'}\n"
    assert late.stdout == f"0 decisions are in {tmp_path / 'l.csv'}\n"
    assert device.exit_code == 2
    assert "is a device, not a file" in device.output
