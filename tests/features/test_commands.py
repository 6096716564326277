"""`python -m features`: what a user types, and what comes of it."""

import re

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from small_files import no_file_beyond

from features.__main__ import features
from features.catalogue import candidates
from features.tables import CLIENT


@pytest.fixture
def run():
    """Runs the command line; its exit status and everything it printed."""

    def runs(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(features, [str(argument) for argument in arguments])
        return result.exit_code, result.output

    return runs


def test_made_up_tables_become_features_and_each_step_says_what_it_wrote(run, tmp_path):
    status, made = run("synth", "--clients", 50, "--seed", 1, "--out", tmp_path / "raw", "--format", "csv")
    assert status == 0
    assert "Wrote the tables of 50 made-up clients" in made

    status, built = run("build", "--raw", tmp_path / "raw", "--out", tmp_path / "features.parquet")
    rows = pq.read_metadata(tmp_path / "features.parquet").num_rows
    assert status == 0
    assert f"Wrote {len(candidates())} features of {rows} clients (50 with TARGET)" in built


def test_ignored_rows_are_told(run, raw_folder, tmp_path):
    folder = raw_folder(bureau=[{CLIENT: 7, "SK_ID_BUREAU": number} for number in range(3)])

    _, said = run("build", "--raw", folder, "--out", tmp_path / "features.parquet")

    assert "Ignored rows of unknown clients: 3 of bureau." in said


def test_a_missing_folder_is_a_sentence_not_a_traceback(run, tmp_path):
    status, said = run("build", "--raw", tmp_path / "nowhere", "--out", tmp_path / "features.parquet")

    assert status == 1
    assert "nowhere is no folder" in said
    assert "Traceback" not in said


def test_a_disk_that_takes_no_more_is_a_sentence_and_leaves_nothing(run, raw_folder, tmp_path):
    folder = raw_folder()

    with no_file_beyond(10_000):
        status, said = run("build", "--raw", folder, "--out", tmp_path / "features.parquet")

    assert status == 1
    assert re.search(rf"Error: {tmp_path}: .*Could not write file", said)
    assert list(tmp_path.iterdir()) == []


def test_the_dictionary_is_written_where_it_is_asked_for(run, tmp_path):
    status, said = run("dictionary", "--out", tmp_path / "docs" / "dictionary.md")

    assert (status, f"Wrote {len(candidates())} features" in said) == (0, True)
    assert "| `EXT_SOURCE_1` |" in (tmp_path / "docs" / "dictionary.md").read_text()


def test_help_shows_the_way_from_nothing_to_features(run):
    _, said = run("--help")

    assert "python -m features synth --clients 20000" in said
    assert "python -m features build --raw raw" in said
