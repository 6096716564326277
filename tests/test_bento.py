"""The Bento that is built answers as the project's folder does."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from serving import EXAMPLE, ROOT, Service

from records.database import Database
from records.stats import read_stats

BODY = json.loads(EXAMPLE.read_text())
# What a builder's machine has set, and nobody else should see.
BUILDERS = {
    "API_KEY": "oct_of-the-builder",
    "DATABASE_URL": "postgresql://octroi:of-the-builder@db/octroi",
    "PIP_INDEX_URL": "https://of-the-builder.example/simple",
    "PIP_EXTRA_INDEX_URL": "https://of-the-builder.example/more",
    "UV_INDEX_URL": "https://of-the-builder.example/uv",
    "UV_FIND_LINKS": "/wheels/of-the-builder",
    "HF_TOKEN": "hf_of-the-builder",
}
BENTOML = str(Path(sys.executable).with_name("bentoml"))


@pytest.fixture(scope="session")  # a process may leave this file and come back to it
def bento(made):
    """The tag of a Bento in the small model's store; each test process builds its own."""
    done = subprocess.run(
        [BENTOML, "build", "--output", "tag", "--version", f"of-{os.getpid()}"],
        cwd=ROOT,
        env={**made.environment, **BUILDERS},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().removeprefix("__tag__:")


@pytest.fixture(scope="session")
def folder(made, bento):
    """Where that Bento lies."""
    return made.folder / "bentoml" / "bentos" / bento.replace(":", "/")


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


def written(folder):
    """Every file of a Bento, as text."""
    return {
        str(path.relative_to(folder)): path.read_text(errors="replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_nothing_of_the_builders_machine_is_in_a_bento(folder):
    texts = written(folder)
    assert {"bento.yaml", "env/docker/Dockerfile", "env/python/requirements.txt"} <= texts.keys()

    for name, text in texts.items():
        assert "of-the-builder" not in text, name
        assert str(ROOT) not in text, name
    manifest = yaml.safe_load(texts["bento.yaml"])
    assert manifest["envs"] == []
    assert {name: value for name, value in manifest["python"].items() if value} == {
        "requirements_txt": "./requirements.txt",
        "pack_git_packages": True,
    }


def test_every_package_of_a_bento_is_held_against_its_hash(folder):
    text = (folder / "env" / "python" / "requirements.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    assert len(lines) > 50
    assert all(re.match(r"[a-z0-9-]+==\S+", line) for line in lines)
    unhashed = [line for line in lines if "--hash=sha256:" not in line]
    # BentoML names itself once more; the Dockerfile takes that line out.
    assert unhashed == [f"bentoml=={version('bentoml')}"]
    assert any(line.startswith(f"{unhashed[0]};") and "--hash=sha256:" in line for line in lines)
    dockerfile = (folder / "env" / "docker" / "Dockerfile").read_text()
    assert "sed -i '/^bentoml==[^ ]*$/d' /tmp/requirements.txt" in dockerfile


def test_the_image_of_a_bento_is_built_without_a_compiler_and_runs_as_no_root(folder):
    dockerfile = folder / "env" / "docker" / "Dockerfile"
    hadolint = str(Path(sys.executable).with_name("hadolint"))
    done = subprocess.run([hadolint, str(dockerfile)], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    text = dockerfile.read_text()
    assert text.count("FROM docker.io/library/python:3.11-slim") == 2
    assert re.findall(r"^USER (.+)$", text, flags=re.MULTILINE) == ["1000:1000"]
    assert "--require-hashes --no-deps --only-binary :all:" in text
    assert not re.search(r"build-essential|gcc|apt-get|uv ", text)
