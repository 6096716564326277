"""A service clears up what services that were killed have left, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

COUNTING = "from api.counting import count_apart; count_apart()"
ROOT = Path(__file__).parents[2]


def test_a_start_removes_the_counts_of_the_dead_and_keeps_those_of_the_living(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine, others = tmp_path / f"octroi-metrics-{os.getpid()}", tmp_path / "octroi-metrics-of-mine"
    left = tmp_path / f"octroi-metrics-{dead.pid}"
    for folder in (mine, others, left):
        folder.mkdir()
        (folder / "counter_1.db").touch()

    subprocess.run(
        [sys.executable, "-c", COUNTING], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, check=True
    )

    assert sorted(tmp_path.iterdir()) == sorted([mine, others])
