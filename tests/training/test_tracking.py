"""A training leaves a run and a version in MLflow, quietly; a store out of reach is one sentence."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyarrow import parquet
from serving import ROOT
from uncovered import uncovered

from credit.errors import InvalidModel, InvalidSettings
from runners.bundle import Bundle
from runners.mlflow_store import MlflowStore
from training.registry import Registry
from training.tracking import track

METRICS = {
    "auc": 0.75,
    "cost_per_client": 0.5125,
    "rows": 600,
    "precision": None,
    "fairness": {
        "age": {"under 30": {"approval_rate": 0.91, "small": True}, "30\u201339": {"approval_rate": 0.87}}
    },
    "parameters": {"seed": 7, "learning_rate": 0.04, "deterministic": True},
    "versions": {"lightgbm": "4.7.0"},
    "cheapest_threshold_interval": [0.08, 0.1],
    "name": "no number",
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle as the registry sees one: files, of which it reads the names and the metrics."""
    return write_bundle(tmp_path_factory.mktemp("training") / "bundle", trees="one tree")


def write_bundle(folder, trees):
    from credit.policy import Policy
    from features.catalogue import candidates
    from features.schema import ordered

    folder.mkdir()
    schema = ordered(candidates(), ["AMT_CREDIT", "DAYS_BIRTH"])
    (folder / "model.txt").write_text(f"tree\nfeature_names=AMT_CREDIT DAYS_BIRTH\n{trees}\n")
    (folder / "schema.json").write_text(schema.to_json())
    (folder / "policy.json").write_text(json.dumps(Policy(threshold=1 / 11).as_dict()))
    (folder / "metrics.json").write_text(json.dumps(METRICS))
    (folder / "figures").mkdir()
    (folder / "figures" / "roc.png").write_bytes(b"\x89PNG of a curve")
    return Bundle.open(folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow")
    return MlflowStore(f"sqlite:///{folder / 'mlflow.db'}", folder / "mlartifacts", create=True)


@pytest.fixture(scope="module")
def tracked(store, bundle):
    return track(store, bundle)


def test_a_run_holds_the_parameters_every_number_and_the_whole_bundle(store, bundle, tracked, tmp_path):
    run = store.client.get_run(tracked.run_id)

    assert run.info.status == "FINISHED"
    assert run.data.params == {
        "features": "2",
        "seed": "7",
        "learning_rate": "0.04",
        "deterministic": "True",
        "versions.lightgbm": "4.7.0",
    }
    assert run.data.metrics == {
        "auc": 0.75,
        "cost_per_client": 0.5125,
        "rows": 600.0,
        "fairness.age.under 30.approval_rate": 0.91,
        "fairness.age.30-39.approval_rate": 0.87,
    }
    copy = bundle_of(store, tracked, tmp_path)
    for name in ("model.txt", "schema.json", "policy.json", "metrics.json", "figures/roc.png"):
        assert (copy / name).read_bytes() == (bundle.folder / name).read_bytes()


def bundle_of(store, tracked, folder):
    return Path(store.client.download_artifacts(tracked.run_id, "bundle", str(folder)))


def test_the_files_lie_in_the_folder_that_was_named(store, tracked):
    assert (store.artifacts / tracked.run_id / "artifacts" / "bundle" / "model.txt").is_file()


def test_each_training_is_a_new_version_and_the_challenger(store, bundle, tracked, tmp_path):
    again = track(store, write_bundle(tmp_path / "bundle", trees="two trees"))
    newest, *others = Registry(store).versions()
    (oldest,) = [version for version in others if version.number == tracked.version]

    assert newest.number == again.version == 1 + max(version.number for version in others)
    assert (oldest.aliases, newest.aliases) == ((), ("challenger",))
    assert oldest.model == bundle.version
    assert newest.model != oldest.model
    assert newest.model.startswith("octroi-credit:")
    assert newest.run_id == again.run_id
    assert Path(newest.bundle, "model.txt").read_text().endswith("two trees\n")
    assert (newest.auc, newest.cost_per_client) == (0.75, 0.5125)
    assert datetime.now(UTC) - newest.registered < timedelta(minutes=10)


def test_what_was_measured_not_is_shown_not(store, tmp_path):
    bundle = write_bundle(tmp_path / "bundle", trees="of an old training")
    (bundle.folder / "metrics.json").unlink()

    track(store, Bundle.open(bundle.folder))

    newest = Registry(store).versions()[0]
    assert newest.auc is None
    assert newest.cost_per_client is None


def test_a_run_whose_files_cannot_be_kept_is_marked_as_failed(store, tmp_path):
    bundle = write_bundle(tmp_path / "bundle", trees="lost")
    before = registered(store)
    (bundle.folder / "figures" / "gone.png").symlink_to(tmp_path / "nowhere")

    with pytest.raises(OSError, match=r"gone\.png"):
        track(store, bundle)

    (newest, *_) = store.client.search_runs(
        [store.client.get_experiment_by_name("octroi-credit").experiment_id]
    )
    assert newest.info.status == "FAILED"
    assert registered(store) == before


def registered(store):
    """The numbers of every version; none is no error here."""
    return {version.version for version in store.client.search_model_versions()}


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://me:hush@127.0.0.1:1", "Connection refused"),
        ("postgresql://me:hush@127.0.0.1:1/mlflow", "Connection refused|connection failed"),
        ("sqlite:////proc/mlflow.db", "unable to open database file"),
        ("sqlite:///{tmp}/garbage.db", "file is not a database"),
        ("mysql://me:hush@127.0.0.1/mlflow", "No module named 'MySQLdb'"),
        ("nonsense://somewhere", "unsupported URI"),
        ("{tmp}/mlruns", "maintenance mode"),
    ],
)
def test_a_store_out_of_reach_is_told_in_one_line_without_its_password(tmp_path, bundle, uri, words):
    (tmp_path / "garbage.db").write_bytes(b"no database" * 100)

    with pytest.raises(InvalidSettings, match=words) as told:
        track(MlflowStore(uri.format(tmp=tmp_path), tmp_path, create=True), bundle)

    assert str(told.value).startswith("MLflow at ")
    assert "\n" not in str(told.value)
    assert "hush" not in str(told.value)


def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path):
    with pytest.raises(
        InvalidModel, match=r"no model is registered in .*: python -m training fit registers one"
    ):
        MlflowStore(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path)

    assert list(tmp_path.iterdir()) == []


NO_NETWORK = """
import os, socket

def refuse(*asked, **options):
    with open(os.environ["ASKED"], "a") as asked_for:
        asked_for.write(f"{asked}\\n")
    raise OSError("no network here")

socket.socket.connect = socket.getaddrinfo = refuse
"""
UNTELLING = {"CI", "DO_NOT_TRACK", "GITHUB_ACTIONS", "MLFLOW_DISABLE_TELEMETRY", "PYTEST_CURRENT_TEST"}
"""Variables that keep MLflow from reporting usage, whatever the product does."""


def run(folder, *arguments, **environment):
    """`python -m training` with its data in *folder*, and what it asked of the network."""
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    told = {name: value for name, value in uncovered().items() if name not in UNTELLING}
    places = {"OCTROI_DATA": str(folder / "data"), "ASKED": str(folder / "asked"), "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "training", *arguments],
        cwd=ROOT,
        env={**told, **places, **environment},
        capture_output=True,
        text=True,
    )
    asked = (folder / "asked").read_text() if (folder / "asked").exists() else ""
    return done, asked


def test_the_command_says_one_line_and_asks_nothing_of_the_network(bundle, tmp_path):
    done, asked = run(tmp_path, "track", str(bundle.folder))

    assert done.returncode == 0, done.stderr
    said = re.fullmatch(
        r"MLflow run (\w{32}): version 1 of octroi-credit, the challenger; "
        r"list: python -m training models; look: uvx mlflow@\S+ ui --backend-store-uri sqlite:///(\S+)\n",
        done.stdout,
    )
    assert said[2] == str(tmp_path / "data" / "mlflow.db")
    assert (tmp_path / "data" / "mlartifacts" / said[1] / "artifacts" / "bundle" / "model.txt").is_file()
    assert re.fullmatch(r"Logging to MLflow .* 100% .*\n", done.stderr)
    assert asked == ""


def test_a_report_of_usage_would_be_noticed(bundle, tmp_path):
    _, asked = run(tmp_path, "track", str(bundle.folder), MLFLOW_DISABLE_TELEMETRY="false")

    assert "mlflow" in asked


def test_a_fit_whose_store_is_out_of_reach_keeps_its_bundle_and_says_how_to_log_it_later(made, tmp_path):
    small = tmp_path / "features.parquet"
    parquet.write_table(parquet.read_table(made.features).slice(0, 640), small)
    out = tmp_path / "bundle"
    quick = ["--trials", "0", "--features-kept", "39", "--threads", "1"]

    done, _ = run(
        *(tmp_path, "fit", "--features", str(small), "--out", str(out), *quick),
        MLFLOW_TRACKING_URI="sqlite:////proc/mlflow.db",
    )

    assert done.returncode == 1
    assert "refuses from" in done.stdout
    assert done.stderr.splitlines()[-1] == (
        "Error: MLflow at sqlite:////proc/mlflow.db fails: (sqlite3.OperationalError) unable to open "
        f"database file; the bundle stays: log it later with python -m training track {out}"
    )
    assert Bundle.open(out).metrics["features"] == 39
    assert not (tmp_path / "data" / "mlflow.db").exists()
