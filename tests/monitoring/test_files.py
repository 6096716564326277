"""A file appears whole or not at all."""

import subprocess
import sys

import pytest
from serving import ROOT
from small_files import no_file_beyond

from monitoring.files import write_durably

_WRITER = """
import sys
from pathlib import Path
from monitoring.files import write_durably
print("at work", flush=True)
for _ in range(100):
    write_durably(Path(sys.argv[1]), 3000 * b"theirs")
"""


def test_what_does_not_fit_leaves_nothing_and_what_was_there_stays(tmp_path):
    path = tmp_path / "latest.json"
    write_durably(path, b"old")

    with no_file_beyond(1000), pytest.raises(OSError, match=r"latest\.json"):
        write_durably(path, 5000 * b"new")

    assert [one.name for one in tmp_path.iterdir()] == ["latest.json"]
    assert path.read_bytes() == b"old"


def test_two_processes_that_write_one_file_leave_one_whole(tmp_path):
    path = tmp_path / "latest.json"
    command = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"at work\n"
        while other.poll() is None:
            write_durably(path, 9000 * b"ours")
            assert path.read_bytes() in (9000 * b"ours", 3000 * b"theirs")

    assert other.returncode == 0
    assert [one.name for one in tmp_path.iterdir()] == ["latest.json"]
