"""Work in a child process: what happens to it, the parent says in a sentence."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conversion.child import in_child
from credit.errors import UnconvertibleModel
from tests.conversion.child_work import dies, finds_the_disk_full, is_killed, stumbles
from tests.conversion.made_models import trained


def _no_report(fraction: float) -> None:
    assert 0 <= fraction <= 1


def test_a_child_is_deaf_to_an_interruption_from_its_first_moment_on() -> None:
    asks = (
        "from conversion.child import in_child; from tests.conversion.child_work import is_deaf; "
        "print(in_child(is_deaf, report=print))"
    )
    root = Path(__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", asks], cwd=root, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_child_that_dies_is_a_refusal() -> None:
    fractions: list[float] = []

    with pytest.raises(UnconvertibleModel, match="exit code -6"):
        in_child(dies, report=fractions.append)

    assert fractions == [0.5]


def test_a_child_that_was_killed_does_not_blame_the_file() -> None:
    with pytest.raises(UnconvertibleModel, match="was killed: memory ran out"):
        in_child(is_killed, report=_no_report)


def test_a_child_that_stumbles_says_so_in_a_sentence() -> None:
    with pytest.raises(UnconvertibleModel, match="ZeroDivisionError: by a foreign file"):
        in_child(stumbles, report=_no_report)


def test_what_the_system_refuses_a_child_is_told_as_such() -> None:
    with pytest.raises(OSError, match="No space left on device"):
        in_child(finds_the_disk_full, report=_no_report)


def test_what_lightgbm_prints_as_it_fails_is_not_shown(tmp_path: Path) -> None:
    text = trained(tmp_path / "model.txt").read_text()
    (tmp_path / "model.txt").write_text(text.replace("label_index=0\n", ""))

    done = _convert(tmp_path).communicate()[1].splitlines()

    (told,) = [line for line in done if not line.startswith("Converting")]
    assert told.startswith(
        "Error: LightGBM cannot load model.txt: Model file doesn't specify the label index"
    )


def test_an_interruption_ends_both_without_a_traceback(tmp_path: Path) -> None:
    trained(tmp_path / "model.txt")
    running = _convert(tmp_path)
    while not list(tmp_path.glob(".octroi-*/model.onnx")):
        assert running.poll() is None
        time.sleep(0.01)

    os.killpg(running.pid, signal.SIGINT)
    told = running.communicate()[1]

    assert running.returncode == 1
    assert told.split()[-1] == "Aborted!"
    assert "Traceback" not in told
    assert [file.name for file in tmp_path.iterdir()] == ["model.txt"]


def _convert(folder: Path) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "conversion",
        "convert",
        str(folder / "model.txt"),
        "--out",
        str(folder / "out"),
    ]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
