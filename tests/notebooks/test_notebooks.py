"""The notebooks run from end to end, and each says the same in both of its files."""

from io import StringIO

import jupytext
import nbformat
import pandas as pd
import pytest
from nbmake.nb_run import NotebookRun
from serving import ROOT
from uncovered import COVERAGE_VARIABLES

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LONGEST_CELL_S = 300
CLIENTS = 1_400
"""Enough for every cell to have something to say."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id):
    """What one notebook has made, the others find, whichever process runs them."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "notebooks"


@pytest.fixture
def run(shared, monkeypatch):
    monkeypatch.setenv("OCTROI_NOTEBOOKS", str(shared))
    monkeypatch.setenv("OCTROI_NOTEBOOKS_CLIENTS", str(CLIENTS))
    monkeypatch.delenv("OCTROI_RAW", raising=False)
    # Streamlit, which other tests load, forbids drawing; what a kernel runs is measured elsewhere.
    for name in ("MPLBACKEND", *COVERAGE_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    return lambda path: NotebookRun(path, LONGEST_CELL_S).execute()


def outputs(notebook, kind):
    return [
        one
        for cell in notebook.cells
        for one in cell.get("outputs", [])
        if one.get("name", one["output_type"]) == kind
    ]


def figures(notebook):
    shown = [*outputs(notebook, "display_data"), *outputs(notebook, "execute_result")]
    return [one for one in shown if "image/png" in one.data]


def printed(notebook):
    return "".join(one.text for one in outputs(notebook, "stdout"))


def files():
    return {path for path in FOLDER.rglob("*") if "__pycache__" not in path.parts}


EXACT = FOLDER / "05_exact_conversion.ipynb"


def assert_tells(ran):
    """It ran to its end, drew, and complained of nothing."""
    assert ran.error is None, ran.error.trace
    assert len(figures(ran.nb)) >= 2
    assert printed(ran.nb)
    assert outputs(ran.nb, "stderr") == []


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path != EXACT], ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end_draws_complains_of_nothing_and_leaves_nothing(path, run):
    before = files()

    assert_tells(run(path))

    assert files() == before


def test_a_notebook_speaks_of_the_tables_that_are_given(run, made, monkeypatch):
    monkeypatch.setenv("OCTROI_RAW", str(made.raw))

    ran = NotebookRun(FOLDER / "01_explore_data.ipynb", LONGEST_CELL_S).execute()

    assert ran.error is None, ran.error.trace
    assert f"Tables: {made.raw.resolve()}\n" in printed(ran.nb)
    assert "2,000 clients with an outcome" in printed(ran.nb)


def tables(notebook):
    shown = [one for one in outputs(notebook, "execute_result") if "<table" in one.data.get("text/html", "")]
    return [pd.read_html(StringIO(one.data["text/html"]))[0] for one in shown]


def test_the_usual_conversion_flips_decisions_beside_thresholds_and_ours_none(run):
    ran = run(EXACT)

    assert_tells(ran)
    compared = tables(ran.nb)[0].set_index("graph")

    usual, ours = compared.loc["onnxmltools by itself, 32 bits"], compared.loc["ours, 64 bits"]
    assert usual["rows"] == ours["rows"] >= 100_000
    assert usual["decisions flipped"] > 0
    assert float(usual["largest difference"]) > 1e-3
    assert ours["decisions flipped"] == 0
    assert float(ours["largest difference"]) <= 1e-12


def cells(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_both_files_of_a_notebook_say_the_same(path):
    script = path.with_suffix(".py")

    # Else: .venv/bin/jupytext --sync notebooks/*.ipynb
    assert cells(nbformat.read(path, as_version=4)) == cells(jupytext.read(script))


def test_a_word_changed_in_one_of_the_files_would_be_noticed(tmp_path):
    changed = tmp_path / "changed.py"
    changed.write_text(NOTEBOOKS[0].with_suffix(".py").read_text().replace("plt.show()", "plt.close()", 1))

    assert cells(nbformat.read(NOTEBOOKS[0], as_version=4)) != cells(jupytext.read(changed))


def test_every_notebook_is_a_pair_and_has_the_next_number():
    scripts = sorted(FOLDER.glob("[0-9]*.py"))

    assert [path.stem for path in scripts] == [path.stem for path in NOTEBOOKS]
    assert [path.stem[:2] for path in NOTEBOOKS] == [
        f"{number:02}" for number in range(1, len(NOTEBOOKS) + 1)
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_kept_that_could_grow_old(path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]

    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}
