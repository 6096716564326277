"""`python -m profiling features`: what it measures, and the page it writes."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from features.catalogue import candidates
from profiling.__main__ import profiling
from profiling.agreement import Agreement
from profiling.feature_bench import FeatureBench
from profiling.feature_report import as_markdown
from profiling.machine import this_machine
from profiling.origin import this_origin
from profiling.process import Cost, MeasuredCommandFailed, cost_of

pytestmark = pytest.mark.usefixtures("unmeasured_children")


def test_a_process_costs_what_it_uses():
    idle = cost_of([sys.executable, "-c", "import time; time.sleep(0.5)"])
    busy = cost_of([sys.executable, "-c", "held = bytearray(200_000_000); sum(range(10_000_000))"])

    assert idle.seconds > 0.5 > idle.cpu_seconds
    assert busy.cpu_seconds > idle.cpu_seconds
    assert 150_000_000 < busy.peak_bytes - idle.peak_bytes < 250_000_000
    assert idle.peak_bytes < 50_000_000


def test_a_command_that_fails_is_told_with_its_last_words():
    with pytest.raises(MeasuredCommandFailed, match=r"failed \(1\): ValueError: no such table"):
        cost_of([sys.executable, "-c", "raise ValueError('no such table')"])


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """The folder into which the bench of 60 clients wrote, run by its door."""
    folder = tmp_path_factory.mktemp("bench")
    arguments = ["features", "--clients", "60", "--out", folder / "out", "--work", folder / "work"]
    done = CliRunner().invoke(profiling, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return folder


def test_the_bench_measures_both_and_finds_them_equal(written):
    found = json.loads((written / "out" / "features.json").read_text())

    assert found["features"] == len(candidates())
    assert found["clients"] > 60
    assert found["rows"] > 10 * found["clients"]
    assert found["speedup"] == found["pandas"]["seconds"] / found["duckdb"]["seconds"]
    assert (found["agreement"]["missing_differ"], found["agreement"]["words_differ"]) == ([], [])
    assert found["agreement"]["largest"] < 1e-9


def test_the_page_tells_the_measured_numbers(written):
    found = json.loads((written / "out" / "features.json").read_text())
    page = (written / "out" / "features.md").read_text()

    for cost in (found["duckdb"], found["pandas"]):
        cells = f"| {cost['seconds']:.0f} | {cost['cpu_seconds']:.0f} | {cost['peak_bytes'] / 1e9:.2f} GB |"
        assert cells in page
    assert f"DuckDB is {found['speedup']:.1f} times as fast as pandas. The two files hold the same" in page


def test_the_page_says_where_two_files_differ():
    cost = Cost(1.0, 1.0, 10**9)
    differing = Agreement(9, ("A_MAX",), ("B_WORD",), 1e-12, "C_SUM")
    bench = FeatureBench(this_machine(), this_origin(), 5, 60, 600, 9, cost, cost, differing)

    assert (
        "The two files DIFFER: numbers differ by up to 1e-12 of their size, in C_SUM; "
        "other values are missing, or other words there, in A_MAX, B_WORD."
    ) in as_markdown(bench)


def test_the_bench_removes_its_tables(written):
    assert list((written / "work").iterdir()) == []
