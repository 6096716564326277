"""Where a conversion works: nothing half-written shows, whatever ends it."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from serving import ROOT
from uncovered import uncovered

from conversion.convert import convert
from conversion.source import SourceBundle
from conversion.staging import locked, staging
from conversion.verify import require_certificate
from credit.errors import InvalidModel
from tests.conversion.made_models import trained


def _no_report(fraction: float) -> None:
    assert 0 <= fraction <= 1


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("staging") / "theirs.txt", categories=())


def test_work_in_progress_lies_in_the_folder_itself_and_leaves_it(tmp_path: Path) -> None:
    with staging(tmp_path) as stage:
        (stage / "model.onnx").write_bytes(b"half")

        assert stage.parent == tmp_path

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_conversion_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".octroi-killed").mkdir()
    (tmp_path / ".octroi-killed" / "model.onnx").write_bytes(b"half")

    with staging(tmp_path) as stage:
        assert list(tmp_path.iterdir()) == [stage]


def test_what_another_conversion_works_on_is_not_swept_away(tmp_path: Path) -> None:
    with staging(tmp_path) as theirs, staging(tmp_path) as ours:
        assert theirs.is_dir()
        assert ours.is_dir()


_HOLD = """
import sys, time
from pathlib import Path
from conversion.staging import locked
with locked(Path(sys.argv[1])):
    (Path(sys.argv[1]) / "held").touch()
    time.sleep(60)
"""


def test_a_killed_process_gives_its_lock_back(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(tmp_path)], cwd=ROOT, env=uncovered())
    while not (tmp_path / "held").exists():
        time.sleep(0.01)

    process.kill()
    process.wait()

    with locked(tmp_path):
        assert process.returncode == -signal.SIGKILL


def _command(model: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "conversion", "convert", str(model), "--out", str(out)]


def test_conversions_killed_at_any_moment_leave_no_certificate_that_does_not_hold(
    model: Path, tmp_path: Path
) -> None:
    for seconds in (0.0, 0.4, 0.9):
        _kill_a_conversion(model, tmp_path, seconds)

        if (tmp_path / "certificate.json").exists():
            assert require_certificate(tmp_path).holds

    assert convert(model, tmp_path, _no_report).holds
    assert sorted(file.name for file in tmp_path.iterdir()) == ["certificate.json", "model.onnx", "model.txt"]


def _kill_a_conversion(model: Path, out: Path, seconds: float) -> None:
    """After *seconds* of work on what it writes; what an earlier one left is gone by then."""
    left = set(out.glob(".octroi-*"))
    running = subprocess.Popen(_command(model, out), env=uncovered(), stderr=subprocess.DEVNULL)
    while not any(list(stage.iterdir()) for stage in set(out.glob(".octroi-*")) - left):
        assert running.poll() is None
        time.sleep(0.01)
    time.sleep(seconds)

    running.kill()
    running.wait()


def _no_large_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096))


def test_a_disk_that_takes_no_more_is_a_sentence_and_leaves_nothing(model: Path, tmp_path: Path) -> None:
    full = subprocess.run(
        _command(model, tmp_path / "out"),
        # Measuring coverage writes files too, and would complain of the limit in its own words.
        env=uncovered(),
        capture_output=True, text=True, check=False, preexec_fn=_no_large_files,
    )  # fmt: skip

    assert full.returncode == 1
    assert "File too large" in full.stderr
    assert "Traceback" not in full.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_conversions_into_one_folder_end_as_one_of_them(model: Path, tmp_path: Path) -> None:
    other = trained(tmp_path / "other.txt", num_leaves=4, categories=())

    both = [
        subprocess.Popen(_command(one, tmp_path / "out"), env=uncovered(), stderr=subprocess.PIPE)
        for one in (model, other)
    ]

    assert [running.communicate() and running.returncode for running in both] == [0, 0]
    # It names both files by their hashes: no mixture of the two would do.
    assert require_certificate(tmp_path / "out").holds
    assert (tmp_path / "out" / "model.txt").read_bytes() in (model.read_bytes(), other.read_bytes())


def test_a_folder_inside_the_bundle_is_refused(model: Path, tmp_path: Path) -> None:
    shutil.copyfile(model, tmp_path / "model.txt")
    (tmp_path / "link").symlink_to(tmp_path)

    with pytest.raises(InvalidModel, match="inside the bundle itself"):
        convert(tmp_path, tmp_path / "link" / "sub", _no_report)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_model_that_is_no_file_is_refused_without_waiting_for_it(kind: str, tmp_path: Path) -> None:
    path = Path(os.devnull) if kind == "device" else tmp_path / "pipe"
    if kind == "pipe":
        os.mkfifo(path)

    with pytest.raises(InvalidModel, match="is a device, not a file"):
        SourceBundle.open(path)
