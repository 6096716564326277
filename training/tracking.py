"""What a training was, for those who come later: an MLflow run, and a version of the registered model."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import time

from runners.bundle import MODEL_NAME, Bundle
from runners.mlflow_store import VERSION, Metric, MlflowStore, Param
from training.registry import CHALLENGER, MODEL_TAG, SHOWN

_FOLDER = "bundle"
_TOLD = ("parameters", "versions")
"""Parts of metrics.json that were not measured."""


@dataclass(frozen=True)
class Tracked:
    """Where a training is found again."""

    run_id: str
    version: int
    look: str
    """The address that shows the run, or the command."""


def track(store: MlflowStore, bundle: Bundle) -> Tracked:
    """Log a bundle: its parameters, its numbers, the whole folder; register it as the challenger."""
    parameters, measured = _parameters(bundle), _measured(bundle)
    with store.asking():
        experiment = _experiment(store)
        with _run(store, experiment) as run_id:
            now = int(time() * 1000)
            store.client.log_batch(
                run_id,
                metrics=[Metric(name, value, now, 0) for name, value in measured.items()],
                params=[Param(name, str(value)) for name, value in parameters.items()],
            )
            store.client.log_artifacts(run_id, str(bundle.folder), _FOLDER)
        return Tracked(run_id, _register(store, bundle, run_id, measured), _look(store, experiment, run_id))


@contextmanager
def _run(store: MlflowStore, experiment: str) -> Iterator[str]:
    """A new run, finished at the end, or failed."""
    run_id = store.client.create_run(experiment).info.run_id
    status = "FAILED"
    try:
        yield run_id
        status = "FINISHED"
    finally:
        store.client.set_terminated(run_id, status)


def _experiment(store: MlflowStore) -> str:
    """The experiment of all trainings, made when it is missing."""
    found = store.client.get_experiment_by_name(MODEL_NAME)
    if found is not None:
        return str(found.experiment_id)
    location = None if store.has_a_server else store.artifacts.absolute().as_uri()
    return str(store.client.create_experiment(MODEL_NAME, artifact_location=location))


def _register(store: MlflowStore, bundle: Bundle, run_id: str, measured: Mapping[str, float]) -> int:
    """A new version of the registered model, named as the challenger."""
    client = store.client
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        client.create_registered_model(MODEL_NAME)
    source = f"{client.get_run(run_id).info.artifact_uri}/{_FOLDER}"
    shown = {name: repr(measured[name]) for name in SHOWN if name in measured}
    version = client.create_model_version(
        MODEL_NAME, source, run_id, tags={MODEL_TAG: bundle.version, **shown}
    ).version
    client.set_registered_model_alias(MODEL_NAME, CHALLENGER, version)
    return int(version)


def _look(store: MlflowStore, experiment: str, run_id: str) -> str:
    if store.has_a_server:
        return f"{store.name.rstrip('/')}/#/experiments/{experiment}/runs/{run_id}"
    return f"uvx mlflow@{VERSION} ui --backend-store-uri {store.name}"


def _parameters(bundle: Bundle) -> dict[str, object]:
    """What the training was told, and by which libraries it was done."""
    told = _leaves({name: bundle.metrics.get(name) for name in _TOLD})
    named = {_allowed(name.removeprefix("parameters.")): value for name, value in told}
    return {"features": bundle.schema.width, **named}


def _measured(bundle: Bundle) -> dict[str, float]:
    """Every number that was measured; lists and words are in the bundle's own metrics.json."""
    found = {name: value for name, value in bundle.metrics.items() if name not in _TOLD}
    return {
        _allowed(name): float(value)
        for name, value in _leaves(found)
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _leaves(tree: Mapping[str, object], within: str = "") -> Iterator[tuple[str, object]]:
    """Each value by its dotted path."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{within}{key}.")
        elif value is not None:
            yield f"{within}{key}", value


def _allowed(name: str) -> str:
    """*name* with the characters that MLflow has names of."""
    return re.sub(r"[^\w\-. :/]", "-", name)
