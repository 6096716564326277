"""`python -m profiling latency`: every engine answers the same rows, and is timed beside the others."""

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from profiling.__main__ import profiling
from profiling.latency.engines import (
    FLOAT32,
    LLEAVES,
    NATIVE,
    SCIKIT_LEARN,
    SINGLE_ROW,
    V3,
    V5,
    kinds,
    prepare,
)
from profiling.latency.made_models import made_models
from profiling.latency.report import as_json, as_markdown, figures, targets
from profiling.latency.rounds import Effort, time_engines
from runners.bundle import MODEL_FILE
from tests.profiling.benches import latency_bench

ENGINES = [SCIKIT_LEARN, NATIVE, SINGLE_ROW, FLOAT32, V3, V5]


@pytest.fixture(scope="module")
def prepared(made, tmp_path_factory):
    """The small model, prepared for every engine."""
    folder = tmp_path_factory.mktemp("engines")
    return folder, prepare(made.bundle / MODEL_FILE, folder)


def test_every_engine_answers_as_lightgbm_does_but_for_float32(prepared, made):
    folder, missing = prepared
    rows = np.random.default_rng(1).normal(size=(40, len(made_names(made))))
    rows[rows > 1.5] = np.nan
    engines = {kind.name: kind.open(folder / kind.file, 1) for kind in kinds(missing)}
    native = engines[NATIVE](rows)
    apart = {name: float(np.abs(engine(rows) - native).max()) for name, engine in engines.items()}

    assert apart.keys() | missing.keys() == {*ENGINES, LLEAVES}
    assert {name for name in ENGINES if apart[name] <= 1e-12} == {SCIKIT_LEARN, NATIVE, SINGLE_ROW, V5}
    assert 1e-12 < apart[V3] < 1e-6


def test_an_engine_that_is_installed_and_cannot_compile_is_told(made, tmp_path, monkeypatch):
    # Neither can be had everywhere: both stand in for those that do not go together.
    (tmp_path / "lleaves.py").touch()
    (tmp_path / "llvmlite").mkdir()
    (tmp_path / "llvmlite" / "binding.py").touch()
    (tmp_path / "llvmlite-0.50.0.dist-info").mkdir()
    (tmp_path / "llvmlite-0.50.0.dist-info" / "METADATA").write_text("Name: llvmlite\nVersion: 0.50.0\n")
    for name in ("llvmlite", "llvmlite.binding"):
        monkeypatch.setitem(sys.modules, name, None)  # which also takes it out again afterwards
        del sys.modules[name]
    monkeypatch.syspath_prepend(str(tmp_path))

    told = prepare(made.bundle / MODEL_FILE, tmp_path)[LLEAVES]

    assert told == "it needs an older llvmlite than 0.50.0"


def made_names(made):
    return json.loads((made.bundle / "schema.json").read_text())["model_features"]


def test_an_engine_that_is_twice_as_slow_is_told_so():
    def busy(turns):
        def engine(rows):
            for _ in range(turns):
                np.sort(np.arange(3000.0)[::-1])
            return rows[:, 0]

        return engine

    rows = np.zeros((64, 2))
    engines = {NATIVE: busy(40), V5: busy(10)}
    native, quick = time_engines(engines, rows, 4, 1, Effort(5, 0.02))

    assert (native.engine, native.batch, native.times_native) == (NATIVE, 4, 1.0)
    assert 2.5 < quick.times_native < 6
    assert list(quick.quantiles_us) == sorted(quick.quantiles_us)


def test_the_suite_writes_what_it_measured(made, tmp_path):
    arguments = ["latency", "--model", made.bundle, "--rounds", "2", "--seconds", "0.01", "--out", tmp_path]
    done = CliRunner().invoke(profiling, [str(one) for one in arguments])

    # Whether the targets of speed hold says how busy this machine is.
    assert "largest difference from LightGBM" in done.output
    (told,) = json.loads((tmp_path / "performance" / "latency.json").read_text())["models"]
    measured = {(one["engine"], one["batch"]) for one in told["timed"]}
    assert {(name, batch) for name in (NATIVE, FLOAT32, V3, V5) for batch in (1, 32, 256, 10_000)} <= measured
    assert {batch for name, batch in measured if name == SINGLE_ROW} == {1}
    parity = {one["engine"]: one for one in told["parity"]}
    assert parity[V5]["on_thresholds"] <= 1e-12
    assert parity[FLOAT32]["on_thresholds"] > 1e-4
    assert parity[FLOAT32]["flips"] > parity[V5]["flips"] == 0
    openings = {one["engine"]: one for one in told["openings"]}
    assert set(openings) == set(parity)
    assert all(0 < one["seconds"] < 60 for one in openings.values())
    assert all(1e5 < one["memory_bytes"] < 1e9 for one in openings.values())
    assert openings[NATIVE]["file_bytes"] == (made.bundle / MODEL_FILE).stat().st_size
    for picture in ("latency-rows.png", "latency-one-row.png"):
        assert (tmp_path / "performance" / picture).read_bytes().startswith(b"\x89PNG")
    assert f"{told['trees']} trees" in (tmp_path / "performance" / "latency.md").read_text()


def test_the_page_says_which_targets_were_missed_and_when_the_machine_was_busy():
    assert [one.holds for one in targets(latency_bench())] == [True] * 6
    assert [one.holds for one in targets(latency_bench(v5=1.4))] == [False] * 3 + [True] * 3
    assert [one.holds for one in targets(latency_bench(pandas=0.2, flips=1))] == (
        [True] * 3 + [False, True, False]
    )
    assert "missed" not in as_markdown(latency_bench())
    assert "at 32 rows a call: at least 1.5 | 1.4 | **missed** |" in as_markdown(latency_bench(v5=1.4))
    assert "the machine was busy" not in as_markdown(latency_bench())
    assert "less than 40% between their rounds: **the machine was busy" in as_markdown(
        latency_bench(spread=0.4)
    )
    assert "ONNX v3 double was not measured: it has categories." in as_markdown(latency_bench())
    assert json.loads(as_json(latency_bench(v5=1.4)))["targets"][0]["holds"] is False
    assert set(figures(latency_bench())) == {"latency-rows", "latency-one-row"}


def test_made_models_have_the_sizes_they_are_named_by(tmp_path):
    found = list(made_models(tmp_path, trees=(3, 5), widths=(4, 6), rows=300))

    assert [one.name for one in found] == [
        f"Made model {trees} x {width}" for width in (4, 6) for trees in (3, 5)
    ]
    assert [one.text.read_text().count("\nTree=") for one in found] == [3, 5, 3, 5]
