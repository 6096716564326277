"""What the pages are answered from agrees with what every single decision says."""

import time

import msgspec
import pytest
import sqlalchemy as sa
from crowd_of_decisions import crowd
from decisions import HEADER, record
from lending import decide

from credit.errors import DatabaseUnavailable
from records.database import Database
from records.drift_log import DriftLog, list_reports, read_report
from records.hours import DAY, HOUR_US, Hours
from records.record import Anomaly
from records.stats import read_stats
from records.tables import predictions
from records.views.amounts import credit_amounts
from records.views.bands import Trait, bands
from records.views.calls import Search, read_calls, read_newest_calls
from records.views.course import read_course, read_latency_course
from records.views.newest import newest
from records.views.sample import read_sample
from records.views.scenarios import scenarios
from records.views.slowest import read_slowest
from records.views.trouble import read_errors, read_trouble

NOON_US = 1_790_000_000_000_000
NOON = NOON_US // HOUR_US


def quiet(_):
    """Nobody watches."""


def add(database, *changes):
    database.add(HEADER, [record(**change) for change in changes])


def test_the_slowest_are_those_of_all_decisions(database):
    crowd(database, 3000, 3, quiet)

    every = sa.select(predictions.c.latency_us).order_by(predictions.c.latency_us.desc()).limit(10)
    slowest = [latency for (latency,) in database.rows(every)]
    assert [slow.latency_us for slow in read_slowest(database, Hours())] == slowest


def test_the_slowest_of_some_hours_are_of_those_hours(database):
    add(database, {"latency_us": 9000}, {"latency_us": 5000, "decided_at_us": NOON_US + 2 * HOUR_US})
    add(database, {"latency_us": 4000, "decided_at_us": NOON_US + 2 * HOUR_US, "scenario": "rehearsal"})

    found = read_slowest(database, Hours(NOON + 1, NOON + 10))

    assert [slow.latency_us for slow in found] == [5000]
    assert read_slowest(database, Hours(NOON + 10, NOON + 20)) == []


def test_a_course_adds_up_to_the_totals_by_the_hour_and_by_the_day(database):
    crowd(database, 3000, 20, quiet)
    found = read_stats(database)
    end = found.last_us // HOUR_US + 1

    for hours, step in (
        (Hours(), DAY),
        (Hours(end - 5 * DAY - 3, end - 7), 1),
        (Hours(end - 400, end - 5), DAY),
    ):
        course, counted = read_course(database, hours), read_stats(database, hours)
        assert sum(one.decisions for one in course) == counted.decisions > 0
        assert sum(one.pd_sum for one in course) / counted.decisions == pytest.approx(
            counted.mean_probability_default
        )
        assert all(one.start_us % (step * HOUR_US) == 0 for one in course)
        latencies = read_latency_course(database, hours)
        assert sum(int(one.counts.sum()) for one in latencies) == counted.decisions


def test_a_small_time_is_read_whole_and_a_large_one_evenly(database):
    crowd(database, 3000, 3, quiet)
    found = read_stats(database)

    whole = read_sample(database, found, "", list(Trait), most=5000)
    part = read_sample(database, found, "", list(Trait), most=500)

    assert (whole.size, whole.is_whole, part.is_whole, part.of) == (3000, True, False, 3000)
    assert 480 <= part.size <= 500
    assert int(whole.refused.sum()) == found.by_decision["refuse"]
    assert part.refused.mean() == pytest.approx(whole.refused.mean(), abs=0.1)


def test_a_sample_is_of_the_traffic_that_is_asked_for(database):
    decide(database, 8)
    decide(database, 12, scenario="rehearsal")

    assert scenarios(database) == ["rehearsal"]
    assert read_sample(database, read_stats(database), "", []).size == 8
    assert read_sample(database, read_stats(database, scenario="rehearsal"), "rehearsal", []).size == 12


def test_bands_hold_their_lower_edge_and_leave_nobody_out(database):
    header = header_of("AMT_INCOME_TOTAL", "CODE_GENDER")
    incomes = [99_999.0, 100_000.0, 299_999.0, 300_000.0, None]
    sexes = ['"F"', '"M"', "1", "0", "null"]
    database.add(
        header,
        [
            record(model_sha256=header.model_sha256, inputs=raw(income, sex), prediction=int(income is None))
            for income, sex in zip(incomes, sexes, strict=True)
        ],
    )
    sample = read_sample(database, read_stats(database), "", list(Trait))

    found = bands(sample, Trait.INCOME)
    assert [(band.low, band.high, band.decisions) for band in found] == [
        (None, 100_000, 1),
        (100_000, 150_000, 1),
        (200_000, 300_000, 1),
        (300_000, None, 1),
        (None, None, 1),
    ]
    assert [band.refused for band in found] == [0, 0, 0, 0, 1]
    assert {band.word: band.decisions for band in bands(sample, Trait.SEX)} == {"F": 2, "M": 2, None: 1}
    assert [band.is_unknown for band in bands(sample, Trait.AGE)] == [True]
    assert credit_amounts(sample) is None


def header_of(*names):
    return msgspec.structs.replace(HEADER, features=names, words=("CODE_GENDER",), model_sha256="f" * 64)


def raw(income, sex):
    number = "null" if income is None else repr(income)
    return msgspec.Raw(f"[{number},{sex}]".encode())


def test_amounts_are_counted_once_each_and_halved_by_their_median(database):
    header = header_of("AMT_CREDIT")
    database.add(
        header,
        [
            record(
                model_sha256=header.model_sha256,
                inputs=raw_amount(amount),
                prediction=int(amount > 300_000),
            )
            for amount in (100_000.0, 200_000.0, 300_000.0, 400_000.0, 500_000.0)
        ],
    )

    found = credit_amounts(read_sample(database, read_stats(database), "", list(Trait)))

    assert (sum(found.approved), sum(found.refused)) == (3, 2)
    assert (found.median, found.median_approved, found.median_refused) == (300_000, 200_000, 450_000)


def raw_amount(amount):
    return msgspec.Raw(f"[{amount}]".encode())


def test_the_history_has_the_newest_first_page_by_page(database):
    decide(database, 30)

    pages = [read_calls(database, Search(), 12, skip) for skip in (0, 12, 24)]

    times = [call.decided_at_us for page in pages for call in page]
    assert times == sorted(times, reverse=True)
    assert [len(page) for page in pages] == [12, 12, 6]
    assert newest(database).decided_at_us == times[0]
    assert [call.decided_at_us for call in read_newest_calls(database, Search(), 20)] == times[:20]


def test_a_search_finds_what_it_says_and_nothing_else(database):
    add(
        database,
        {"sk_id_curr": 7, "decided_at_us": NOON_US},
        {"sk_id_curr": 7, "decided_at_us": NOON_US + HOUR_US, "decision": "refuse", "prediction": 1},
        {"sk_id_curr": 8, "decided_at_us": NOON_US},
    )

    assert len(read_calls(database, Search(sk_id_curr=7), 10)) == 2
    assert len(read_calls(database, Search(sk_id_curr=7, decision="refuse"), 10)) == 1
    assert len(read_calls(database, Search(until_us=NOON_US + 1), 10)) == 2
    assert read_calls(database, Search(sk_id_curr=9), 10) == []


def test_errors_are_counted_with_the_types_of_their_problems(database):
    error = {"kind": "error", "route": "/predict", "status": 422, "rule": "invalid-application"}
    outage = Anomaly(happened_at_us=NOON_US + 1, kind="database_outage", detail="it did not answer")
    warning = Anomaly(happened_at_us=NOON_US, kind="data_warning", field="X", rule="unknown-category")
    database.note([Anomaly(happened_at_us=NOON_US, count=3, **error), outage, warning])

    (found,) = read_errors(database, Hours())
    assert (found.status, found.answers, found.problems) == (422, 3, ("invalid-application",))
    assert [one.kind for one in read_trouble(database, Hours())] == ["database_outage", "error"]
    assert len(read_trouble(database, Hours(), warnings=True)) == 3
    assert [one.kind for one in read_trouble(database, Hours(), "rehearsal")] == ["database_outage"]
    assert read_trouble(database, Hours(NOON + 1, NOON + 2)) == []


def test_reports_are_listed_the_last_first_and_read_whole(database):
    for made_at_us in (1, 2):
        DriftLog(database, "a" * 64).keep(
            {
                "made_at_us": made_at_us,
                "since_us": 0,
                "until_us": made_at_us,
                "decisions": 10,
                "features": 3,
                "drifted": 1,
                "alert": False,
                "report": f'{{"number": {made_at_us}}}',
            },
        )

    first, second = list_reports(database, 10)
    assert (first.made_at_us, second.made_at_us) == (2, 1)
    assert read_report(database, first.id) == '{"number": 2}'


def test_what_reads_only_cannot_write(database, url):
    decide(database, 3)
    with Database(url, read_only=True) as reader:
        assert reader.head().seq == 3
        with pytest.raises(DatabaseUnavailable, match=r"read-?only"):
            reader.note([Anomaly(happened_at_us=time.time_ns() // 1000, kind="error")])
    assert read_errors(database, Hours()) == []
