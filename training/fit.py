"""Training, from a features file to a model bundle."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from credit.cost import Costs, Outcome
from credit.policy import Policy
from features.schema import Feature, FeatureSchema, ordered
from runners.bundle import METRICS_FILE, MODEL_FILE, POLICY_FILE, SCHEMA_FILE
from training.folds import encoded, out_of_fold
from training.learned import learn, usable
from training.metrics import Metrics, measure
from training.parameters import dataset, fit, parameters
from training.sample import Sample
from training.selection import select
from training.threshold import Choice, choose_threshold


@dataclass(frozen=True)
class Plan:
    """What the user decides about a training."""

    kept: int = 125
    seed: int = 0
    threads: int = 2
    costs: Costs = field(default_factory=Costs)


@dataclass(frozen=True)
class Trained:
    """A model with what was learned and measured on the way."""

    text: str
    schema: FeatureSchema
    policy: Policy
    metrics: Metrics
    choice: Choice
    trees: int
    rows: int
    seconds: float


def train(
    sample: Sample, candidates: Sequence[Feature], plan: Plan, report: Callable[[float], None]
) -> Trained:
    """Select, cross-validate, choose the threshold, refit on every row."""
    started = time.monotonic()
    learned = learn(candidates, sample)
    names = select(usable(learned), sample, plan.kept, plan.seed, plan.threads)
    report(0.2)
    held_out = out_of_fold(
        candidates, names, sample, plan.seed, plan.threads, lambda done: report(0.2 + 0.6 * done)
    )
    choice = choose_threshold(sample.defaulted, held_out.probabilities, plan.costs, plan.seed)
    report(0.85)
    schema = ordered(learned, names)
    rows = dataset(encoded(schema, sample), sample.defaulted, names)
    booster = fit(parameters(plan.seed, plan.threads), rows, held_out.trees)
    report(1.0)
    return Trained(
        text=booster.model_to_string(),
        schema=schema,
        policy=Policy(threshold=choice.threshold, costs=plan.costs),
        metrics=measure(sample.defaulted, held_out.probabilities, choice.threshold),
        choice=choice,
        trees=held_out.trees,
        rows=len(sample),
        seconds=time.monotonic() - started,
    )


def write_bundle(trained: Trained, folder: Path) -> None:
    """Write the model bundle; an older one in its place goes, whole, once the new one is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as drafts:
        draft = Path(drafts) / "bundle"
        draft.mkdir()
        _write_files(trained, draft)
        if folder.exists():
            folder.rename(Path(drafts) / "older")
        draft.rename(folder)


def _write_files(trained: Trained, draft: Path) -> None:
    (draft / MODEL_FILE).write_text(trained.text, encoding="utf-8")
    (draft / SCHEMA_FILE).write_text(trained.schema.to_json(), encoding="utf-8")
    (draft / POLICY_FILE).write_text(_json(trained.policy.as_dict()), encoding="utf-8")
    (draft / METRICS_FILE).write_text(_json(_measured(trained)), encoding="utf-8")


def _measured(trained: Trained) -> dict[str, Any]:
    """`metrics.json`: everything measured, out of fold."""
    return {
        **asdict(trained.metrics),
        "cheapest_threshold": trained.choice.cheapest,
        "cheapest_threshold_interval": list(trained.choice.interval),
        "thresholds": [_outcome(outcome) for outcome in trained.choice.table],
        "trees": trained.trees,
        "rows": trained.rows,
        "seconds": round(trained.seconds, 1),
    }


def _outcome(outcome: Outcome) -> dict[str, float]:
    return {
        "threshold": outcome.threshold,
        "false_negatives": outcome.false_negatives,
        "false_positives": outcome.false_positives,
        "cost": outcome.total,
        "cost_per_client": outcome.per_client,
    }


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=1, allow_nan=False) + "\n"
