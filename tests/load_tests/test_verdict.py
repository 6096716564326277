"""A load test passes when every limit holds, and says which did not."""

import json
from dataclasses import replace

import pytest

from load_tests.locust_run import Counted, latency_ms
from load_tests.outcome import holds
from load_tests.profile import PROFILES, Limits, Profile
from load_tests.question import Question
from load_tests.reckoning import Reckoning, answered_in, reckon
from load_tests.report import Taken, as_html, as_json
from load_tests.surge import PHASES, Surge
from load_tests.surge_run import expected_of, in_turn
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


TAKEN = Taken("2 cores of <A>, load before the measurement 0.1.", "Commit 1a2b, Python 3.11.7.", 5)


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

    assert "Everything held." in as_html("mixed", RUN, TAKEN, by_locust=True)
    assert "Not everything held." in as_html("mixed", bad, TAKEN, by_locust=True)
    assert "100 answered; 3 missing" in as_html("mixed", bad, TAKEN, by_locust=True)
    assert "locust.html" not in as_html("spike", RUN, TAKEN, by_locust=False)
    assert json.loads(as_json("mixed", bad, TAKEN))["holds"] is False


def test_the_report_says_what_it_was_taken_on():
    page = as_html("mixed", RUN, TAKEN, by_locust=True)

    assert (
        "<p>2 cores of &lt;A&gt;, load before the measurement 0.1. Commit 1a2b, Python 3.11.7. "
        "Clients made up with seed 5.</p>"
    ) in page
    assert json.loads(as_json("mixed", RUN, TAKEN))["taken"] == {
        "machine": TAKEN.machine,
        "origin": TAKEN.origin,
        "seed": 5,
    }


def test_a_slope_is_told_of_a_run_of_five_minutes_and_of_no_shorter_one():
    # Two thirds of a run are judged.
    rows = {}
    for minutes in (4, 5):
        _, processes = replace(RUN, trends=[replace(FLAT, hours=minutes * 2 / 3 / 60)]).tables()
        (rows[minutes],) = processes.rows

    assert rows[4] == ("worker (7)", "286 MB", "too short to tell", "40", "too short to tell")
    assert rows[5] == ("worker (7)", "286 MB", "+1.0 MB", "40", "+0.0")


def test_a_soak_tells_the_growth_that_it_judges():
    leaking = replace(FLAT, memory_an_hour=50 * (1 << 20), descriptors_an_hour=8.0)
    soak = replace(RUN, profile=replace(PROFILE, is_soak=True), trends=[leaking])

    told = {check.what: (check.measured, check.holds) for check in soak.checks()}
    assert told["memory of worker (7) is flat"] == ("286 MB, +15.0 MB in 18.0 min", False)
    assert told["file descriptors of worker (7) are flat"] == ("40, +2.4 in 18.0 min", False)


def test_what_a_profile_means_is_told_without_the_others():
    for one in PROFILES.values():
        assert not {"these", "mixed"} & set(one.meaning.replace(",", " ").split())


def load(clients: int, rate: float = 100.0, failed: int = 0) -> Load:
    return Load(clients, 2.0, round(2 * rate), refused=0, failed=failed, p50_ms=3.0, p99_ms=9.0)


def surge(*rates: tuple[float, float, float, float], name: str = "spike") -> Surge:
    """Rounds in which the phases of *name* reach these rates."""
    phases = PHASES[name]
    rounds = [
        [load(phase.clients, rate) for phase, rate in zip(phases, of_round, strict=True)]
        for of_round in rates
    ]
    answered = sum(one.answered for loads in rounds for one in loads)
    return Surge(phases, rounds, 0, Reckoning(answered, 0, 0, 0), "wrk")


def test_the_clients_of_a_spike_come_in_turn_and_share_its_time():
    asked: list[tuple[int, int]] = []

    def note(clients: int, seconds: int) -> Load:
        asked.append((clients, seconds))
        return load(clients)

    in_turn(PHASES["spike"], 20, note)

    assert asked == [(64, 2), (64, 6), (192, 6), (64, 6)]


def test_a_spike_is_held_against_the_rate_before_it():
    # The first, cold, phase is no measure of the others.
    good = surge((30, 100, 80, 90), (30, 100, 120, 110))

    assert missed(good) == []
    # 384 clients in each round may hang up.
    for fine, changes in ((True, {"unasked": 768}), (False, {"unasked": 769})):
        assert (missed(replace(good, reckoning=replace(good.reckoning, **changes))) == []) is fine
    for changes in ({"missing": 1}, {"different": 1}, {"answered": good.reckoning.answered - 1}):
        bad = replace(good, reckoning=replace(good.reckoning, **changes))
        assert [what[:24] for what in missed(bad)] == ["every answered decision "]
    assert missed(surge((30, 100, 79, 89))) == [
        "three times as many: answered, of the rate before: at least 80%",
        "64 clients again: answered, of the rate before: at least 90%",
    ]
    assert missed(surge((0, 0, 0, 0)))[0].startswith("every answered decision")


def test_one_wrong_answer_to_a_spike_is_missed():
    bad = replace(surge((90, 100, 100, 100)), wrong=1)

    assert missed(bad) == ["answered with another probability than the client's: none"]
    assert next(bad.checks()).measured == "1 of 780"


def test_a_service_that_answers_nobody_in_one_phase_of_one_round_is_missed():
    frozen = surge((90, 100, 100, 100), (90, 100, 0, 100), (90, 100, 100, 100))

    assert missed(frozen) == ["three times as many: answered in every round: some"]
    assert missed(surge((0, 0, 0, 0)))[1:3] == [
        "64 clients, as it warms up: answered in every round: some",
        "64 clients: answered in every round: some",
    ]


def test_a_spike_says_who_made_the_load():
    assert surge((90, 100, 100, 100)).meaning.startswith("Load by wrk: each client asks as soon")
    ours = replace(surge((90, 100, 100, 100)), makers="clients of our own")
    assert "wrk" not in as_html("spike", ours, TAKEN, by_locust=False)
    assert "Load by clients of our own: each" in as_html("spike", ours, TAKEN, by_locust=False)


def test_the_client_whom_a_question_names_is_expected_to_have_its_probability():
    bodies = ('{"sk_id_curr": 100001, "AMT_CREDIT": 1.0}', '{"sk_id_curr": 100002}')
    questions = [
        Question("single", "/predict", body, 200, (probability,))
        for body, probability in zip(bodies, (0.25, 0.5), strict=True)
    ]

    assert expected_of(questions) == {100_001: 0.25, 100_002: 0.5}


def test_the_middle_round_of_a_spike_is_judged_against_the_rate_of_its_own():
    # The machine was half as fast in one round, and slow for the end of another.
    noisy = surge((90, 100, 99, 97), (45, 50, 49, 48), (90, 100, 98, 70))

    assert missed(noisy) == []
    told = {check.what: check.measured for check in noisy.checks()}
    assert told["64 clients again: answered, of the rate before: at least 90%"] == "96% (70% to 97%)"
    assert missed(surge((90, 100, 99, 97), (45, 50, 49, 44), (90, 100, 98, 70))) == [
        "64 clients again: answered, of the rate before: at least 90%"
    ]


def test_what_any_round_of_a_spike_left_unanswered_counts_as_does_its_worst_latency():
    good = surge((90, 100, 100, 100), (90, 100, 100, 100), (90, 100, 100, 100))
    rounds = [list(loads) for loads in good.rounds]
    rounds[1][0] = load(64, 90, failed=1)
    rounds[2][3] = replace(rounds[2][3], p99_ms=1001.0)

    assert missed(replace(good, rounds=rounds)) == [
        "64 clients, as it warms up: not answered at all: none",
        "64 clients again: p99: at most 1000 ms",
    ]
    assert next(good.tables()).rows[2] == ("three times as many", "100 (100 to 100)", "0", "0", "9 ms")
