"""What the benchmark fills in is what the archivist would have written, and it says what it measured."""

import json

import sqlalchemy as sa
from decisions import HEADER, record

from records.benchmark import FIRST_DAY, ask, catch_up, fill
from records.hours import DAY, Hours
from records.stats import read_histograms, read_stats
from records.tables import hourly_counts, hourly_histograms, predictions


def quiet(_: float) -> None:
    """Nobody watches."""


def test_a_full_journal_is_moved_and_counted(tmp_path, database):
    moved = catch_up(database, tmp_path / "journal", 100, quiet)

    found = read_stats(database)
    assert (moved.records, found.decisions) == (100, 100)
    assert 2000 < moved.bytes_each < 4000
    assert database.rows(sa.select(sa.func.count()).select_from(predictions)) == [(100,)]


def test_counts_and_histograms_that_are_filled_in_agree(database):
    fill(database, 20_000, 50, quiet)

    found, histograms = read_stats(database), read_histograms(database)
    assert found.decisions == histograms.pd.sum() == histograms.latency.sum() == 20_000
    assert found.by_decision["approve"] == histograms.pd[:9].sum()
    assert sum(hour.decisions for hour in found.per_hour) == 20_000
    assert len(found.per_hour) == 72


def test_every_range_of_filled_hours_is_the_sum_of_its_hours(database):
    fill(database, 5_000, 72, quiet)
    by_hour = {hour.hour: hour.decisions for hour in read_stats(database).per_hour}
    first = FIRST_DAY * DAY

    for start, end in [(0, 72), (1, 71), (23, 25), (24, 48), (30, 31), (5, 5), (47, 73)]:
        hours = Hours(first + start, first + end)
        expected = sum(by_hour.get(hour, 0) for hour in range(hours.first, hours.end))
        assert read_stats(database, hours).decisions == expected
        assert read_histograms(database, hours).pd.sum() == expected


def test_what_the_archivist_counts_adds_up_by_hour_and_by_day_alike(database):
    hour_us = 3_600_000_000
    for hour in (0, 5, 23, 24, 30, 49):
        database.add(HEADER, [record(decided_at_us=hour * hour_us), record(decided_at_us=hour * hour_us)])

    for table in (hourly_counts, hourly_histograms):
        spans = sa.select(table.c.span, sa.func.count()).group_by(table.c.span).order_by(table.c.span)
        assert database.rows(spans) == [(1, 6), (24, 3)]
    assert [read_stats(database, Hours(*span)).decisions for span in [(0, 24), (5, 31), (24, 48)]] == [
        6,
        8,
        4,
    ]


def test_the_command_says_what_it_measured_and_fills_no_database_in_use(tmp_path, database, url, run):
    done = run(tmp_path, "bench", "--records", 50, "--decisions", 1000, "--hours", 30, "--url", url, "--json")
    again = run(tmp_path, "bench", "--records", 50, "--decisions", 1000, "--hours", 30, "--url", url)
    shown = run(tmp_path, "bench", "--records", 50, "--decisions", 1000, "--hours", 30)

    measured = json.loads(done.stdout)
    assert measured["records"] == 50
    assert measured["records_per_second"] > 0
    assert measured["verified_per_second"] > 0
    assert measured["client_us"] > 0
    assert set(measured["ms"]) == set(ask(database, 30))
    assert again.exit_code == 1
    assert "holds decisions: name an empty database" in again.output
    assert "decisions of the chain verified" in shown.stdout
    assert "one client found by number" in shown.stdout
    assert "a second" in shown.stdout
