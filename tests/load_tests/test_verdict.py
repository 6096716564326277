"""A load test passes when every limit holds, and says which did not."""

import json
from dataclasses import replace

import pytest

from load_tests.locust_run import Counted, latency_ms
from load_tests.outcome import holds
from load_tests.profile import Limits, Profile
from load_tests.reckoning import Reckoning, answered_in, reckon
from load_tests.report import as_html, as_json
from load_tests.surge import PHASES, Recorded, Surge
from load_tests.surge_run import in_turn
from load_tests.verdict import Run
from load_tests.vitals import Trend
from profiling.load import Load

PROFILE = Profile("all of it", "Mixed", 10, 1, Limits(p99_ms=200))
KINDS = (
    Counted("single", 90, 0, {"5": 80, "150": 10}),
    Counted("batch", 10, 0, {"20": 10}),
)
FLAT = Trend("worker (7)", 3e8, 1e6, 40.0, 0.0, 0.3)
PROCESSES = [
    replace(FLAT, process=one) for one in ("starter (6)", "worker (7)", "worker (8)", "archivist (9)")
]
RUN = Run(PROFILE, 10, KINDS, Reckoning(100, 0, 0, 0), PROCESSES, workers=2)


def missed(outcome) -> list[str]:
    return [check.what for check in outcome.checks() if not check.holds]


def test_a_run_within_its_limits_holds():
    assert missed(RUN) == missed(replace(RUN, profile=replace(PROFILE, is_soak=True))) == []
    assert holds(RUN)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"counted": [Counted("single", 100, 1, {"5": 100})]}, "answered otherwise than expected"),
        ({"counted": []}, "answered otherwise than expected"),
        ({"counted": [Counted("single", 100, 0, {"5": 98, "210": 2})]}, "p99"),
        ({"counted": [Counted("single", 88, 0, {"5": 88})]}, "answered as expected, of 10 planned"),
        ({"reckoning": Reckoning(100, 1, 0, 0)}, "the database holds exactly"),
        ({"reckoning": Reckoning(100, 0, 1, 0)}, "the database holds exactly"),
        ({"reckoning": Reckoning(100, 0, 0, 1)}, "the database holds exactly"),
        ({"reckoning": Reckoning(0, 0, 0, 0)}, "the database holds exactly"),
        ({"workers": 3}, "workers, none of which ended"),
    ],
)
def test_each_limit_that_is_broken_is_named(changes, told):
    assert any(what.startswith(told) for what in missed(replace(RUN, **changes)))


def test_clients_who_come_one_by_one_ask_less_in_their_first_second():
    # Ten a second by four clients: five in the first second, and two for the pauses they begin in.
    assert PROFILE.planned(10) == 93
    assert missed(replace(RUN, counted=[Counted("single", 89, 0, {"5": 89})])) == []


def test_only_a_soak_asks_for_flat_memory():
    leaking = replace(RUN, trends=[*PROCESSES[:3], replace(PROCESSES[3], memory_an_hour=1e9)])

    assert missed(leaking) == []
    assert missed(replace(leaking, profile=replace(PROFILE, is_soak=True))) == [
        "memory of archivist (9) is flat"
    ]


def test_a_soak_in_which_a_process_was_not_looked_at_proves_nothing():
    soak = replace(RUN, profile=replace(PROFILE, is_soak=True), trends=PROCESSES[:3])

    assert missed(soak) == ["processes that were there to be judged: at least 4"]


def test_latencies_are_those_of_all_kinds_together():
    assert [latency_ms(KINDS, share) for share in (0.5, 0.85, 0.99)] == [5, 20, 150]
    assert latency_ms([], 0.5) != latency_ms([], 0.5)


def test_answers_and_records_are_compared_by_their_ids_to_the_last_bit(tmp_path):
    (tmp_path / "1.answers").write_text("a 0.1\nb 0.25\n")
    (tmp_path / "2.answers").write_text("c 0.30000000000000004\n")
    answered = answered_in(tmp_path)

    assert reckon(answered, {"a": 0.1, "b": 0.25, "c": 0.30000000000000004}).holds
    assert reckon(answered, {"a": 0.1, "c": 0.3, "d": 0.5}) == Reckoning(3, 1, 1, 1)


def test_the_report_says_what_was_missed():
    bad = replace(RUN, reckoning=Reckoning(100, 3, 0, 0))

    assert "Everything held." in as_html("mixed", RUN, by_locust=True)
    assert "Not everything held." in as_html("mixed", bad, by_locust=True)
    assert "100 answered; 3 missing" in as_html("mixed", bad, by_locust=True)
    assert "locust.html" not in as_html("spike", RUN, by_locust=False)
    assert json.loads(as_json("mixed", bad))["holds"] is False


def load(clients: int, rate: float = 100.0, failed: int = 0) -> Load:
    return Load(clients, 2.0, round(2 * rate), refused=0, failed=failed, p50_ms=3.0, p99_ms=9.0)


def test_a_spike_is_held_against_the_rate_before_it():
    phases = PHASES["spike"]
    steady = in_turn(phases, 10, lambda clients, _: load(clients), lambda _: None)
    good = Surge(phases, steady, Recorded(900, 0))

    assert missed(good) == []
    assert [one.connections for one in steady] == [64, 64, 192, 64]
    assert missed(replace(good, recorded=Recorded(799, 0)))[0].startswith("every answered decision")
    assert missed(replace(good, recorded=Recorded(1185, 0)))[0].startswith("every answered decision")
    assert missed(replace(good, recorded=Recorded(900, 1)))[0].startswith("recorded with another")
    # The first, cold, phase is no measure of the others.
    sunk = replace(good, loads=[load(64, rate=30.0), load(64), load(192, rate=79.0), load(64, failed=1)])
    assert missed(sunk) == [
        "three times as many: answered, of the rate before: at least 80%",
        "64 clients again: not answered at all: none",
    ]
