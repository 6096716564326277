"""Decisions are numbered without gaps and counted once, also when several write at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from decisions import HEADER, record

from credit.errors import DatabaseUnavailable
from credit.finding import Finding
from records.database import Added, Database
from records.histogram import LATENCY_BUCKETS, PD_BUCKETS, total
from records.hours import SPANS
from records.ledger import Ledger
from records.record import Anomaly
from records.tables import (
    anomalies,
    chain_head,
    hourly_counts,
    hourly_histograms,
    prediction_inputs,
    predictions,
)

HOUR_US = 3_600_000_000
NOON_US = 1_790_000_000_000_000 // HOUR_US * HOUR_US


def counted(database: Database) -> int:
    """Answers by the hour, and by the day: they agree."""
    total = sa.func.coalesce(sa.func.sum(hourly_counts.c.answers), 0)
    by_hour, by_day = (database.rows(sa.select(total).where(hourly_counts.c.span == span)) for span in SPANS)
    assert by_hour == by_day
    return int(by_hour[0][0])


def seqs(database: Database) -> list[int]:
    return [row[0] for row in database.rows(sa.select(predictions.c.seq).order_by(predictions.c.seq))]


def test_a_decision_is_one_row_however_often_it_is_told(database):
    one, other = record(), record()

    told = [
        database.add(HEADER, [one, one]),
        database.add(HEADER, [one, other]),
        database.add(HEADER, [one]),
    ]

    assert [added.new for added in told] == [1, 1, 0]
    assert seqs(database) == [1, 2]
    assert counted(database) == 2


def test_two_requests_with_one_id_are_two_decisions(database):
    database.add(HEADER, [record(request_id="same"), record(request_id="same")])

    assert seqs(database) == [1, 2]


def test_archivists_of_several_hosts_tell_the_same_decisions_and_each_is_there_once(url):
    Database(url, create=True).close()
    records = [record() for _ in range(60)]
    start = threading.Barrier(4)

    def tell(shift: int) -> int:
        database = Database(url)
        start.wait()
        mine = records[shift:] + records[:shift]
        added = [database.add(HEADER, mine[i : i + 6]).new for i in range(0, len(mine), 6)]
        database.close()
        return sum(added)

    with ThreadPoolExecutor(4) as threads:
        news = list(threads.map(tell, [0, 15, 30, 45]))

    database = Database(url)
    assert sum(news) == 60
    assert seqs(database) == list(range(1, 61))
    assert counted(database) == 60
    assert database.rows(sa.select(chain_head.c.seq)) == [(60,)]
    database.close()


def test_what_fails_half_way_leaves_nothing(database):
    def interrupted() -> None:
        with database.writing() as connection:
            Ledger(connection).add(HEADER, [record()])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()

    assert seqs(database) == []
    assert counted(database) == 0
    assert database.rows(sa.select(chain_head.c.seq)) == [(0,)]


def test_counts_are_kept_apart_by_hour_scenario_and_answer(database):
    database.add(HEADER, [record(decided_at_us=NOON_US), record(decided_at_us=NOON_US + 5)])
    database.add(
        HEADER,
        [
            record(decided_at_us=NOON_US + HOUR_US - 1, latency_us=100, probability_default=0.05),
            record(decided_at_us=NOON_US + HOUR_US, decision="refuse", risk_level="HIGH"),
            record(decided_at_us=NOON_US, scenario="storm"),
        ],
    )

    table = hourly_counts.c
    rows = database.rows(
        sa.select(table.hour, table.scenario, table.decision, table.risk_level, table.answers)
        .where(table.span == 1)
        .order_by(table.hour, table.scenario)
    )
    hour = NOON_US // HOUR_US
    assert rows == [
        (hour, "", "approve", "LOW", 3),
        (hour, "storm", "approve", "LOW", 1),
        (hour + 1, "", "refuse", "HIGH", 1),
    ]
    sums = sa.select(table.pd_sum, table.latency_us_sum, table.first_us, table.last_us)
    assert database.rows(sums.where(table.span == 1, table.hour == hour, table.scenario == "")) == [
        (pytest.approx(0.11), 1900, NOON_US, NOON_US + HOUR_US - 1)
    ]


def test_histograms_add_up_over_batches(database):
    for probability, latency_us in [(0.03, 900), (0.031, 900), (0.999, 1)]:
        database.add(HEADER, [record(probability_default=probability, latency_us=latency_us)])

    ((pd, latency),) = database.rows(
        sa.select(hourly_histograms.c.pd, hourly_histograms.c.latency).where(hourly_histograms.c.span == 1)
    )

    assert {i: n for i, n in enumerate(total([pd], PD_BUCKETS)) if n} == {3: 2, 99: 1}
    assert {i: n for i, n in enumerate(total([latency], LATENCY_BUCKETS)) if n} == {0: 1, 78: 2}


@pytest.mark.parametrize("change", [{"sk_id_curr": 2**63}, {"latency_us": 2**64}, {"decided_at_us": 2**70}])
def test_a_record_the_database_refuses_is_given_back_and_the_rest_lands_in_order(database, change):
    poison = record(**change)
    records = [record() for _ in range(6)]

    added = database.add(HEADER, [*records[:2], poison, *records[2:]])

    assert (added.new, [one.record for one in added.refused]) == (6, [poison])
    assert "2" not in added.refused[0].reason.partition("(")[0]
    assert [one.seq for one in database.decided_after(0, 10)] == [1, 2, 3, 4, 5, 6]
    assert counted(database) == 6
    assert database.rows(sa.select(sa.func.count()).select_from(prediction_inputs)) == [(6,)]


@pytest.mark.parametrize(
    "change",
    [
        {"request_id": "n\0l"},
        {"decision_id": "n\0l"},
        {"route": "x" * 65},
        {"warnings": (Finding("n\0l", "rule", "message"),)},
    ],
)
def test_what_only_postgresql_refuses_is_given_back_too(postgres_url, change):
    database = Database(postgres_url, create=True)
    poison = record(**change)

    added = database.add(HEADER, [record(), poison, record()])

    assert (added.new, [one.record for one in added.refused]) == (2, [poison])
    assert counted(database) == 2
    database.close()


def test_nothing_but_poison_is_nothing_written(database):
    added = database.add(HEADER, [record(sk_id_curr=2**64), record(sk_id_curr=2**64)])

    assert (added.new, len(added.refused)) == (0, 2)
    assert seqs(database) == []
    assert database.add(HEADER, [record()]) == Added(1, [])


def test_a_number_that_is_taken_is_no_fault_of_the_record(database):
    database.add(HEADER, [record()])
    with database.writing() as connection:
        connection.execute(sa.update(chain_head).values(seq=0))

    with pytest.raises(DatabaseUnavailable, match="predictions"):
        database.add(HEADER, [record()])


def test_a_table_that_is_gone_is_no_fault_of_the_record(database):
    with database.writing() as connection:
        connection.exec_driver_sql(
            "DROP TABLE prediction_inputs CASCADE"
            if "postgres" in database.name
            else "DROP TABLE prediction_inputs"
        )

    with pytest.raises(DatabaseUnavailable, match="prediction_inputs"):
        database.add(HEADER, [record()])


def test_warnings_are_counted_by_the_hour(database):
    unknown = Finding("NAME_HOUSING_TYPE", "unknown-category", "of the client's")
    database.add(HEADER, [record(decided_at_us=NOON_US), record(decided_at_us=NOON_US, warnings=(unknown,))])
    last = record(decided_at_us=NOON_US + 1)
    database.add(HEADER, [last, record(decided_at_us=NOON_US + HOUR_US), record(warnings=())])

    table = anomalies.c
    rows = database.rows(
        sa.select(table.field, table.rule, table.count, table.happened_at_us).order_by(
            table.field, table.happened_at_us
        )
    )
    assert rows == [
        ("EXTRA", "outside-training-range", 2, NOON_US + 1),
        ("EXTRA", "outside-training-range", 1, NOON_US + HOUR_US),
        ("NAME_HOUSING_TYPE", "unknown-category", 1, NOON_US),
    ]
    assert database.rows(sa.select(table.detail).distinct()) == [("",)]


def test_errors_are_counted_once_however_often_they_are_told(database):
    error = Anomaly(happened_at_us=NOON_US, kind="error", key="one", route="/predict", status=422, count=3)
    refused = Anomaly(
        happened_at_us=NOON_US, kind="refused_input", key="two", route="/predict", field="AMT_CREDIT"
    )

    for _ in range(2):
        database.note([error, refused])

    table = hourly_counts.c
    assert database.rows(sa.select(table.span, table.route, table.status, table.decision, table.answers)) == [
        (1, "/predict", 422, "", 3),
        (24, "/predict", 422, "", 3),
    ]
    assert database.rows(sa.select(anomalies.c.kind, anomalies.c.count).order_by(anomalies.c.id)) == [
        ("error", 3),
        ("refused_input", 1),
    ]
