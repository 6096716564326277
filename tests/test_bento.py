"""The Bento that is built answers as the project's folder does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from serving import EXAMPLE, ROOT, Service

from records.database import Database
from records.stats import read_stats

BODY = json.loads(EXAMPLE.read_text())
BENTOML = str(Path(sys.executable).with_name("bentoml"))


@pytest.fixture(scope="module")
def bento(made):
    """The tag of a Bento in the small model's store; each test process builds its own."""
    done = subprocess.run(
        [BENTOML, "build", "--output", "tag", "--version", f"of-{os.getpid()}"],
        cwd=ROOT,
        env=made.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().removeprefix("__tag__:")


def test_a_built_bento_answers_the_same_and_records_where_it_was_started(service, made, bento, tmp_path):
    with Service(made.environment, tmp_path, bento=bento) as served:
        served.wait_until_ready()
        answer = served.client.post("/predict", json=BODY).json()

    usual = service.client.post("/predict", json=BODY).json()
    assert answer["probability_default"] == usual["probability_default"]
    assert answer["model_version"] == usual["model_version"]
    url = f"sqlite:///{tmp_path / 'var' / 'octroi.db'}"
    assert read_stats(Database(url)).decisions == 1


def test_a_bento_keeps_no_record_inside_itself(made, bento):
    source = made.folder / "bentoml" / "bentos" / bento.replace(":", "/") / "src"

    done = subprocess.run(
        [BENTOML, "serve", bento, "--port", "0"],
        env={**made.environment, "OCTROI_DATA": str(source / "var")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "OCTROI_DATA: lies inside the Bento: name a folder outside it" in done.stderr
    assert "Traceback" not in done.stderr
