"""A surge starts a service for each round, and holds what was answered against clients and records."""

import json
from contextlib import contextmanager

from load_tests.place import open_place
from load_tests.reckoning import Reckoning
from load_tests.surge import PHASES
from load_tests.surge_run import Asked, loaded_seconds, measure_surge
from profiling.load import Load
from runners.bundle import Bundle

ASKED = Asked(PHASES["saturation"], seconds=20, clients=20, makers="nobody", rounds=2)


def test_every_round_has_a_service_just_started_and_no_answer_is_taken_on_trust(made, tmp_path):
    started = []

    @contextmanager
    def serve(bodies, kept):
        """A service that tells one client what nobody has as a probability, and records nothing."""
        started.append([])
        number = json.loads(bodies[0])["sk_id_curr"]

        def load(clients, seconds):
            started[-1].append((clients, seconds))
            told = {"decision_id": f"{len(started)}-{len(started[-1])}", "sk_id_curr": number}
            with kept.open("a") as answers:
                answers.write(json.dumps({**told, "probability_default": 2.0}) + "\n")
            return Load(clients, seconds, answered=1, refused=0, failed=0, p50_ms=1.0, p99_ms=1.0)

        yield load

    with open_place(tmp_path / "surge", Bundle.open(made.bundle), made.environment) as place:
        found = measure_surge(place, ASKED, serve, lambda _: None)

    assert started == [[(64, 2), (64, 3), (64, 6)]] * 2
    assert [[load.answered for load in loads] for loads in found.rounds] == [[1, 1, 1]] * 2
    assert found.wrong == 6
    assert found.reckoning == Reckoning(answered=6, missing=6, unasked=0, different=0)
    assert not any(check.holds for check in found.checks() if "decision" in check.what)


def test_the_time_of_a_surge_is_told_as_it_is():
    assert loaded_seconds(ASKED) == 22
    assert loaded_seconds(Asked(PHASES["spike"], seconds=3, clients=20, makers="nobody")) == 40
