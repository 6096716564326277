"""A mistake on a command line is one sentence and a status, never a traceback."""

import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner
from serving import ROOT
from uncovered import uncovered

from doors import Door


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**uncovered(), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (
            ["training", "fit", "--features", "nowhere.parquet", "--out", "{tmp}/b"],
            {},
            "there is no features file nowhere.parquet",
        ),
        (["training", "fit", "--features", "x", "--out", "{tmp}"], {}, "exists and is no model bundle"),
        (["training", "fit", "--features", "x"], {}, "Missing option '--out'"),
        (["records", "stats"], {"OCTROI_DATA": "{tmp}/nothing"}, "there is no database"),
        (
            ["records", "stats"],
            {"DATABASE_URL": "nonsense"},
            "DATABASE_URL: give the SQLAlchemy URL of a file",
        ),
        (
            ["records", "stats"],
            {"DATABASE_URL": "postgresql://octroi:a:b@db.example:port/octroi"},
            "DATABASE_URL: its host or port is none",
        ),
        (["records", "stats"], {"PORT": "99999"}, "PORT: Input should be less than or equal to 65535"),
        (["records", "stats"], {"OCTROI_WORKERS": "many"}, "OCTROI_WORKERS"),
        (["records", "forget"], {}, "No such command 'forget'"),
        (["features", "synth", "--clients", "5", "--out", "/dev/full"], {}, "is a device, not a file"),
        (["features", "synth", "--clients", "5", "--seed", "-1", "--out", "{tmp}/s"], {}, "'--seed'"),
        (["features", "synth", "--clients", "9" * 16, "--out", "{tmp}/s"], {}, "not enough memory"),
        (["features", "dictionary", "--out", "{tmp}/something/x"], {}, "is no folder that you may write to"),
        (["features", "build", "--raw", "{tmp}", "--out", "/dev/null"], {}, "is a device, not a file"),
        (["conversion", "convert", "{tmp}/something", "--out", "/dev/null"], {}, "is a device"),
        (["conversion", "verify", "{tmp}/something"], {}, "is no bundle folder"),
        (["conversion", "publish", "{tmp}/something"], {}, "is no bundle folder"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, arguments, environment, words):
    (tmp_path / "something").write_text("of the user's")
    arguments = [argument.format(tmp=tmp_path) for argument in arguments]
    environment = {name: value.format(tmp=tmp_path) for name, value in environment.items()}

    shell = import_module(f"{arguments[0]}.__main__")
    door = shell.features if arguments[0] == "features" else shell.door

    done = CliRunner().invoke(door, arguments[1:], env=environment)

    assert done.exit_code != 0
    assert words in done.stderr
    # Anything else that was raised would have been a traceback.
    assert isinstance(done.exception, SystemExit)
    assert not (tmp_path / "nothing").exists()


def test_a_mistake_ends_the_process_with_its_sentence(tmp_path):
    (tmp_path / "something").write_text("of the user's")

    done = run("records", "archive", "--once", OCTROI_DATA=str(tmp_path / "something"))

    assert (done.returncode, done.stderr) == (1, f"Error: {tmp_path}/something/journal: Not a directory\n")


@pytest.mark.parametrize("port", ["abc", "0", "65536", "080", ""])
def test_a_port_that_is_none_is_named_before_anything_is_made(port):
    done = make("port-free", f"PORT={port}")

    assert done.returncode != 0
    assert done.stderr.startswith("PORT is a number from 1 to 65535")


def test_a_port_that_is_taken_is_named_and_a_free_one_is_not():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = make("port-free", f"PORT={port}")
    accepted = make("port-free", f"PORT={port}")

    assert refused.stderr.startswith(f"port {port} is taken")
    assert refused.returncode != 0
    assert (accepted.returncode, accepted.stderr) == (0, "")


def test_a_folder_that_cannot_be_copied_is_one_sentence(tmp_path):
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a").symlink_to("nowhere")
    (tmp_path / "from" / "b").symlink_to("nowhere")

    @click.group(cls=Door)
    def door():
        pass

    @door.command()
    def copy():
        shutil.copytree(tmp_path / "from", tmp_path / "to")

    done = CliRunner().invoke(door, ["copy"])

    assert done.exit_code == 1
    assert re.fullmatch(r"Error: \[Errno 2\] No such file or directory: '.*/from/[ab]'\n", done.stderr)


def test_ctrl_c_while_libraries_load_ends_without_a_traceback():
    interrupted = "import doors, signal; signal.raise_signal(signal.SIGINT)"

    done = subprocess.run([sys.executable, "-c", interrupted], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == -signal.SIGINT
    assert done.stderr == "Aborted!\n"


def make(*arguments):
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_reader_that_leaves_early_is_no_error_to_speak_of():
    command = f"{shlex.quote(sys.executable)} -m records --help | head -1"

    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout == "Usage: python -m records [OPTIONS] COMMAND [ARGS]...\n"
    assert "Traceback" not in done.stderr


def test_an_archivist_moves_what_is_there_and_ends(tmp_path):
    from decisions import HEADER, record

    from records.journal import Journal

    journal = Journal(tmp_path / "journal", HEADER)
    journal.append([[record()], [record(decision="refuse", prediction=1)]])
    journal.close()

    done = run("records", "archive", "--once", OCTROI_DATA=str(tmp_path))
    stats = run("records", "stats", OCTROI_DATA=str(tmp_path))

    assert done.returncode == stats.returncode == 0
    assert "50.0%" in stats.stdout
    assert len(list((tmp_path / "profiles").glob("*_000000000001-000000000002.bin"))) == 1
