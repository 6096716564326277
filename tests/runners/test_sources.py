"""Models come from a folder, the store, a hub or MLflow's registry: the same bundle, and never a pickle."""

import json
import os
import pickle
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from serving import ROOT, Service
from uncovered import uncovered

from runners.bundle import Bundle
from runners.mlflow_store import MlflowStore
from training.promotion import promote
from training.registry import Registry
from training.tracking import track

COMMIT = "9a" * 20
TOKEN = "hf_sesame"  # noqa: S105


class _Bomb:
    def __reduce__(self):
        return (os.system, ("touch exploded",))


@contextmanager
def hub(bundle: Path, files=None):
    """A server with the routes of the hub: one private repository, whose files lie behind a redirect."""
    names = files or [path.name for path in bundle.iterdir() if path.is_file()]
    asked: list[tuple[str, str | None]] = []

    class Routes(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("authorization")))
            if self.path.startswith("/files/"):
                self._say(200, _content(bundle, self.path.removeprefix("/files/")))
            elif self.headers.get("authorization") != f"Bearer {TOKEN}":
                self._say(401, b"{}")
            elif self.path == "/api/models/pret/credit/revision/v1":
                siblings = [{"rfilename": name} for name in [*names, "old_model.pkl"]]
                self._say(200, json.dumps({"sha": COMMIT, "siblings": siblings}).encode())
            elif self.path.startswith(f"/pret/credit/resolve/{COMMIT}/"):
                self.send_response(302)
                self.send_header("location", f"/files/{self.path.rpartition('/')[2]}")
                self.end_headers()
            else:
                self._say(404, b"{}")

        def _say(self, status, body):
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Routes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def _content(bundle, name):
    return pickle.dumps(_Bomb()) if name.endswith(".pkl") else (bundle / name).read_bytes()


FIND = """
import sys
from runners.source import find_bundle
from settings import read_settings
settings = read_settings()
try:
    found = find_bundle(settings.model, settings.remotes)
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
found.bundle.certified_onnx()
print(found.bundle.folder, found.origin, *found.failed, sep="\\n")
"""


def find(environment, base=os.environ, **variables):
    """Output lines of finding the model in a process of its own, and what it said on its way out."""
    done = subprocess.run(
        [sys.executable, "-c", FIND],
        cwd=ROOT,
        env={**base, **environment, **variables},
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines(), done.stderr


@pytest.fixture
def store(tmp_path):
    """The environment of an empty model store."""
    return {
        "BENTOML_HOME": str(tmp_path / "bentoml"),
        "OCTROI_DATA": str(tmp_path / "var"),
        "BENTOML_DO_NOT_TRACK": "True",
    }


def test_a_bundle_on_a_hub_is_fetched_once_and_kept_in_the_store(made, store, tmp_path):
    with hub(made.bundle) as (endpoint, asked):
        named = {"OCTROI_MODEL": "hf://pret/credit@v1", "HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN}
        (folder, origin), _ = find(store, **named)
        files_fetched = [path for path, _ in asked if path.startswith("/files/")]
        again, _ = find(store, **named)

    assert origin == f"hf://pret/credit@{COMMIT}"
    assert str(tmp_path / "bentoml") in folder
    for name in ("model.txt", "model.onnx", "schema.json", "policy.json", "certificate.json"):
        assert (Path(folder) / name).read_bytes() == (made.bundle / name).read_bytes()
    assert again == [folder, origin]
    assert [path for path, _ in asked if path.startswith("/files/")] == files_fetched
    assert not [path for path, _ in asked if "pkl" in path]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"HF_TOKEN": "wrong"}, "says 401: look at owner"),
        ({"OCTROI_MODEL": "hf://pret/credit@v2"}, "says 404: look at owner"),
        ({"OCTROI_MODEL": "hf://../x"}, "write hf://owner/repo@revision"),
        ({"HF_ENDPOINT": "http://127.0.0.1:1"}, "does not answer"),
        ({"OCTROI_MODEL": "mlflow://octroi-credit"}, "write mlflow://name@alias"),
        ({"OCTROI_MODEL": "mlflow://octroi-credit@champion"}, "no model is registered"),
    ],
)
def test_a_model_that_cannot_be_had_is_one_sentence(made, store, variables, words):
    with hub(made.bundle) as (endpoint, _):
        named = {"OCTROI_MODEL": "hf://pret/credit@v1", "HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN}
        lines, said = find(store, uncovered(), **{**named, **variables})

    assert lines == []
    assert said.startswith("InvalidModel: ")
    assert words in said
    assert "Traceback" not in said


def test_a_repository_without_a_certificate_is_no_model(made, store):
    with hub(made.bundle, files=["model.txt", "model.onnx", "schema.json", "policy.json"]) as (endpoint, _):
        named = {"OCTROI_MODEL": "hf://pret/credit@v1", "HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN}
        _, said = find(store, uncovered(), **named)

    assert "no certified bundle: it has no certificate.json" in said


def test_of_several_names_the_first_that_can_be_had_is_served_and_the_others_are_said(made, store):
    with hub(made.bundle) as (endpoint, _):
        named = {"HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN}
        names = f"mlflow://octroi-credit@champion, hf://pret/credit@v1, {made.bundle}"
        (_, origin, failed), _ = find(store, OCTROI_MODEL=names, **named)
        (folder, *_), _ = find(store, OCTROI_MODEL=f"{made.bundle},hf://pret/credit@v1", **named)
        _, said = find(store, OCTROI_MODEL="octroi-credit:nowhere,hf://pret/credit@v2", **named)

    assert origin.startswith("hf://pret/credit@")
    assert failed.startswith("mlflow://octroi-credit@champion: no model is registered")
    assert folder == str(made.bundle)
    assert "there is no model octroi-credit:nowhere" in said
    assert "hf://pret/credit@v2: " in said


@pytest.fixture(scope="module")
def registered(made, tmp_path_factory):
    """URI of an MLflow store: its champion is certified, its challenger was tracked unconverted."""
    folder = tmp_path_factory.mktemp("mlflow")
    bare = folder / "bare"
    bare.mkdir()
    for path in made.bundle.iterdir():
        if path.is_file() and path.name not in {"model.onnx", "certificate.json"}:
            (bare / path.name).write_bytes(path.read_bytes())
    store = MlflowStore(f"sqlite:///{folder / 'mlflow.db'}", folder / "mlartifacts", create=True)
    track(store, Bundle.open(made.bundle))
    promote(Registry(store))
    track(store, Bundle.open(bare))
    return store.uri


def test_what_mlflow_calls_champion_is_served(made, store, registered, tmp_path):
    asked = {"OCTROI_MODEL": "mlflow://octroi-credit@champion", "MLFLOW_TRACKING_URI": registered}
    with Service({**made.environment, **store, **asked}, tmp_path) as served:
        served.wait_until_ready()
        source = served.client.get("/model-info").json()["source"]

    assert source["asked"] == "mlflow://octroi-credit@champion"
    assert source["found"].startswith("mlflow://octroi-credit@1 (run ")


def test_a_champion_converted_in_place_and_published_is_found_where_it_was_published(made, registered):
    asked = {"OCTROI_MODEL": "mlflow://octroi-credit@champion", "MLFLOW_TRACKING_URI": registered}

    (folder, origin, *_), _ = find({"BENTOML_HOME": made.environment["BENTOML_HOME"]}, uncovered(), **asked)

    assert made.environment["BENTOML_HOME"] in folder
    assert "figures" in {path.name for path in Path(folder).iterdir()}
    assert origin.startswith("mlflow://octroi-credit@1 (run ")


def test_what_was_tracked_before_it_was_converted_is_found_where_it_was_published(made, store, registered):
    asked = {"OCTROI_MODEL": "mlflow://octroi-credit@challenger", "MLFLOW_TRACKING_URI": registered}
    _, said = find(store, **asked)
    (folder, *_), _ = find({**store, "BENTOML_HOME": made.environment["BENTOML_HOME"]}, **asked)

    assert "is not converted, and there is no model octroi-credit:" in said
    assert made.environment["BENTOML_HOME"] in folder
