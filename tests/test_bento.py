"""The Bento that is built answers as the project's folder does."""

import json
import subprocess
import sys
from pathlib import Path

from serving import EXAMPLE, ROOT, Service

BODY = json.loads(EXAMPLE.read_text())


def test_a_built_bento_answers_the_same(service, made, tmp_path):
    done = subprocess.run(
        [str(Path(sys.executable).with_name("bentoml")), "build", "--output", "tag", "--version", "answers"],
        cwd=ROOT,
        env=made.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

    with Service(made.environment, tmp_path, target="octroi:answers") as bento:
        bento.wait_until_ready()
        answer = bento.client.post("/predict", json=BODY).json()

    usual = service.client.post("/predict", json=BODY).json()
    assert answer["probability_default"] == usual["probability_default"]
    assert answer["model_version"] == usual["model_version"]
