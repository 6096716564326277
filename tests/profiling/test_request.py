"""`python -m profiling request`: which functions and which parts a request's time goes to."""

import json
import re
import subprocess
import sys

import pytest
from uncovered import uncovered

from profiling.request.called import called_in
from profiling.request.report import as_json, as_markdown, figures
from profiling.request.sampled import NoSamples, Spent, sample, samples_in, short
from profiling.request.stages import DECODE, FRAMEWORK, HTTP, JOURNAL, REST, SCORE, STAGES
from tests.profiling.benches import REQUEST

WORKING = """
def half():
    return sum(range(300))

def other_half():
    return sum(range(300))

while True:
    half(), other_half()
"""


def test_looks_from_outside_find_what_a_process_does(tmp_path):
    (tmp_path / "working.py").write_text(WORKING)
    with subprocess.Popen([sys.executable, str(tmp_path / "working.py")]) as process:
        try:
            found = sample(process.pid, 1)
        finally:
            process.kill()

    shares = {one.name.partition(" ")[0]: one.share for one in found.functions}
    assert found.looks > 20
    assert 0.2 < shares["half"] < 0.75
    assert 0.2 < shares["other_half"] < 0.75
    assert {one.name: one.share for one in found.stages}[REST] == 1.0


def test_a_process_that_is_not_there_cannot_be_looked_into():
    with pytest.raises(NoSamples, match="py-spy cannot look into the worker"):
        sample(2**22 + 1, 1)
    with pytest.raises(NoSamples, match="never seen at work"):
        samples_in([])


def test_each_look_belongs_to_the_innermost_part():
    library = "/x/lib/python3.11"
    site = f"{library}/site-packages"
    found = samples_in(
        [
            f"run ({site}/uvicorn/server.py:3);decode (/w/api/reader.py:9) 6",
            f"run ({site}/uvicorn/server.py:3);decode (/w/api/reader.py:9);loads ({library}/json/a.py) 1",
            f"run ({site}/uvicorn/server.py:3) 2",
            f"work (/x/t.py:1);append (/w/records/journal.py:4);__init__ ({site}/msgspec/a.py) 3",
            f"work (/x/t.py:1);run ({site}/onnxruntime/capi/session.py:4) 4",
            f"call ({site}/starlette/routing.py:4) 3",
            "spin (/x/t.py:1) 1",
        ]
    )

    shares = {one.name: round(20 * one.share) for one in found.stages}
    assert shares == {
        **dict.fromkeys(STAGES, 0),
        DECODE: 7, HTTP: 2, JOURNAL: 3, SCORE: 4, FRAMEWORK: 3, REST: 1,
    }  # fmt: skip
    assert found.looks == 20
    assert found.functions[0] == Spent("decode (/w/api/reader.py)", 0.3)


def test_paths_begin_where_they_say_something():
    assert short("/x/lib/python3.12/site-packages/uvicorn/server.py") == "uvicorn/server.py"
    assert short("/x/lib/python3.11/asyncio/runners.py") == "asyncio/runners.py"


WORK = """
import cProfile, sys

def slow():
    total = 0
    for i in range(200_000):
        total += i * i
    return total

def quick():
    return slow()

profile = cProfile.Profile()
profile.runcall(lambda: [quick() for _ in range(4)])
profile.dump_stats(sys.argv[1])
"""


def test_the_functions_with_most_time_of_their_own_come_first(tmp_path):
    (tmp_path / "work.py").write_text(WORK)
    # A process of one thread: from Python 3.12 on, a profile counts what other threads do as well.
    subprocess.run([sys.executable, tmp_path / "work.py", tmp_path / "stats"], env=uncovered(), check=True)

    found = called_in(tmp_path / "stats", requests=2)

    own = [one.own_us for one in found]
    assert own == sorted(own, reverse=True)
    assert re.fullmatch(r"slow \(.*work\.py:4\)", found[0].name)
    (asked,) = [one for one in found if one.name.startswith("quick ")]
    assert asked.calls == 2.0
    assert asked.own_us < asked.total_us / 2


def test_the_parts_the_bare_server_and_the_rest_make_up_the_whole():
    page = as_markdown(REQUEST)

    assert sum(json.loads(as_json(REQUEST))["stages_us"].values()) == 150.0
    assert "| record and sync (journal) | 30 | 20% |" in page
    assert "| HTTP, as a bare server | 25 | 17% |" in page
    assert "| framework, threads, log, metrics | 50 | 33% |" in page
    assert "| decode (api/reader.py:9) | 1.00 | 30.0 | 40.0 |" in page
    assert "| decode (api/reader.py) | 20.0% |" in page
    assert set(figures(REQUEST)) == {"request-parts"}
