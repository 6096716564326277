"""What `stats` says of the decisions is so, by the hour, and simulated traffic is apart."""

import json
import math
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from decisions import HEADER, record

from records.histogram import latency_counts, latency_quantile_ms, pd_counts
from records.hours import HOUR_US, Hours, microseconds_of
from records.record import Anomaly
from records.stats import HourOfAnswers, read_histograms, read_stats

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
NOON_US = microseconds_of(NOON)
HOUR = NOON_US // HOUR_US


def refused(**changes: object):
    return record(**{"decision": "refuse", "prediction": 1, "risk_level": "HIGH", **changes})


def test_of_nothing_there_is_no_mean(database):
    found = read_stats(database)

    assert (found.decisions, found.approval_rate, found.mean_probability_default) == (0, None, None)
    assert (found.error_rate, found.latency_ms, found.per_hour) == (
        None,
        {"p50": None, "p95": None, "p99": None},
        [],
    )


def test_decisions_are_counted_by_what_was_answered(database):
    database.add(
        HEADER,
        [
            record(latency_us=1000, probability_default=0.02),
            record(latency_us=3000, route="/predict_batch"),
            refused(latency_us=2000, probability_default=0.5),
        ],
    )

    found = read_stats(database)

    assert found.decisions == 3
    assert found.by_decision == {"approve": 2, "refuse": 1}
    assert found.by_risk_level == {"HIGH": 1, "LOW": 2}
    assert found.by_route == {"/predict": 2, "/predict_batch": 1}
    assert found.by_model == {HEADER.model_version: 3}
    assert found.approval_rate == 2 / 3
    assert found.mean_latency_ms == 2.0
    assert found.mean_probability_default == pytest.approx((0.02 + 0.03 + 0.5) / 3)
    assert found.first_us == found.last_us == record().decided_at_us
    assert (found.errors, found.error_rate) == (0, 0.0)


def test_each_hour_and_each_range_of_hours_has_its_own_counts(database):
    for hours, one in [(0, record), (0, refused), (1, record), (3, refused)]:
        database.add(HEADER, [one(decided_at_us=NOON_US + hours * HOUR_US + 7)])
    database.note(
        [
            Anomaly(
                happened_at_us=NOON_US + HOUR_US, kind="error", key="a", route="/predict", status=422, count=2
            )
        ]
    )

    everything = read_stats(database)
    two_hours = read_stats(database, Hours.around(NOON.replace(minute=20), NOON.replace(hour=13, minute=1)))

    assert read_stats(database, by_hour=False) == replace(everything, per_hour=[])
    assert everything.per_hour == [
        HourOfAnswers(HOUR, 2, 1, 0),
        HourOfAnswers(HOUR + 1, 1, 1, 2),
        HourOfAnswers(HOUR + 3, 1, 0, 0),
    ]
    assert (everything.decisions, everything.errors, everything.errors_by_status) == (4, 2, {422: 2})
    assert everything.error_rate == 2 / 6
    assert (two_hours.decisions, two_hours.errors) == (3, 2)
    assert read_stats(database, Hours(HOUR + 2, HOUR + 3)).decisions == 0


def test_a_simulation_is_left_out_unless_it_is_asked_for(database):
    database.add(HEADER, [record(), *(refused(scenario="storm") for _ in range(3))])

    assert read_stats(database).by_decision == {"approve": 1}
    assert read_stats(database, scenario="storm").by_decision == {"refuse": 3}
    assert read_histograms(database, scenario="storm").pd.sum() == 3
    assert read_stats(database, scenario="calm").decisions == 0


def test_quantiles_of_latency_are_within_nine_percent_of_the_true_ones(database):
    draw = random.Random(2)
    latencies = sorted(int(draw.lognormvariate(8, 1)) + 1 for _ in range(2000))
    database.add(HEADER, [record(latency_us=latency) for latency in latencies])

    found = read_stats(database).latency_ms

    for name, quantile in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]:
        true = latencies[math.ceil(quantile * 2000) - 1] / 1000
        assert found[name] == pytest.approx(true, rel=0.091)


def test_histograms_are_of_one_route_or_of_all(database):
    database.add(HEADER, [record(), record(), record(route="/predict_batch", probability_default=1.0)])

    everything, single = read_histograms(database), read_histograms(database, route="/predict")

    assert (everything.pd[3], everything.pd[99], everything.latency.sum()) == (2, 1, 3)
    assert (single.pd[3], single.pd[99], single.latency.sum()) == (2, 0, 2)


def test_a_probability_on_an_edge_counts_above_it():
    edges = [i / 100 for i in range(100)]

    assert (pd_counts(edges) == 1).all()
    assert pd_counts([math.nextafter(0.29, 0), 1.0]).nonzero()[0].tolist() == [28, 99]


def test_latencies_beyond_the_buckets_are_in_the_outermost():
    counts = latency_counts([-5, 0, 1, 10**12])

    assert (counts[0], counts[-1], counts.sum()) == (3, 1, 4)
    assert latency_quantile_ms(counts, 0.0) < 0.002


def test_the_command_shows_tables_or_one_object(tmp_path, database, url, run):
    database.add(HEADER, [record(), refused(decided_at_us=NOON_US)])

    shown = run(tmp_path, "stats", url=url)
    told = json.loads(run(tmp_path, "stats", "--json", "--since", "2026-11-03T12:30", url=url).stdout)
    simulated = run(tmp_path, "stats", "--scenario", "storm", url=url)

    assert shown.exit_code == 0
    assert "50.0%" in shown.stdout
    assert "2026-11-03 12:00" in shown.stdout
    assert (told["decisions"], told["approval_rate"], told["latency_ms"]["p50"]) == (
        1,
        0.0,
        pytest.approx(0.9, rel=0.1),
    )
    assert "none yet" in simulated.stdout


def test_a_time_that_is_none_is_said(tmp_path, run):
    refused_time = run(tmp_path, "stats", "--since", "yesterday")

    assert refused_time.exit_code == 2
    assert "yesterday is no time: write 2026-11-03" in refused_time.output
