"""`python -m profiling story` tells the numbers that were measured, and none that were not."""

import msgspec
import pytest
from click.testing import CliRunner

from profiling.__main__ import profiling
from profiling.latency.report import as_json as latency_json
from profiling.request.report import as_json as request_json
from profiling.serving_report import as_json as serving_json
from profiling.variant_bench import VARIANTS, WITHOUT_JOURNAL
from tests.profiling.benches import FASTER, LOAD, REQUEST, latency_bench, measured, serving_bench


@pytest.fixture
def folder(tmp_path):
    """A folder of documents with all three measurements."""
    variants = [measured(name, FASTER if name == WITHOUT_JOURNAL else LOAD, 120.0, 0.04) for name in VARIANTS]
    (tmp_path / "performance").mkdir()
    for name, text in (
        ("serving", serving_json(serving_bench(variants=variants))),
        ("request", request_json(REQUEST)),
        ("latency", latency_json(latency_bench(v5=1.8))),
    ):
        (tmp_path / "performance" / f"{name}.json").write_text(text)
    return tmp_path


def test_the_story_tells_what_was_measured(folder):
    done = CliRunner().invoke(profiling, ["story", "--out", str(folder)])

    assert done.exit_code == 0, done.output
    page = (folder / "performance.md").read_text()
    assert "answers\n200 requests/s and spends 900 µs of processor on each" in page
    assert "120% without its journal, 100% without archivist" in page
    assert "constant spends 25 µs of processor on a request, and ONNX Runtime alone\n5 µs" in page
    assert "converted model is 1.8 times as fast as LightGBM" in page
    assert (
        "| a score and a sync to the disk for each | one of both for a batch | 10,000/s, p99 5.0 ms, 120 µs"
        in page
    )
    assert "| ONNX v5 double, times LightGBM at 1 row a call: at least 1.5 | 1.8 | holds |" in page


@pytest.mark.parametrize("name", ["serving", "request", "latency"])
def test_without_a_measurement_there_is_no_story(folder, name):
    (folder / "performance" / f"{name}.json").write_bytes(msgspec.json.encode({"half": "a measurement"}))

    done = CliRunner().invoke(profiling, ["story", "--out", str(folder)])

    assert done.exit_code == 1
    assert f"{name}.json holds no such measurement" in done.output
    assert not (folder / "performance.md").exists()
