"""`metrics.json`: everything that was measured, as numbers, or null where there is none."""

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version

from credit.cost import Outcome
from training.fairness import GroupOutcome, largest_gap
from training.plan import Tuned
from training.trained import Trained

_LIBRARIES = ("lightgbm", "numpy", "scikit-learn", "optuna", "pandas")

Body = dict[str, object]


def measured(trained: Trained) -> Body:
    """What `metrics.json` holds; all of it out of fold, on clients the model had not seen."""
    return {
        **asdict(trained.metrics),
        "threshold": trained.choice.threshold,
        "cheapest_threshold": trained.choice.cheapest,
        "cheapest_threshold_interval": list(trained.choice.interval),
        "thresholds": [_outcome(outcome) for outcome in trained.choice.table],
        "fairness": {
            "sex": _groups(trained.evidence.by_sex),
            "age": _groups(trained.evidence.by_age),
        },
        "trees": trained.trees,
        "trees_by_fold": list(trained.evidence.fold_trees),
        "features": trained.schema.width,
        "candidates": len(trained.schema.features),
        "rows": trained.rows,
        "rows_measured": len(trained.evidence.defaulted),
        "defaults": trained.defaults,
        "model_bytes": trained.model_bytes,
        "seconds": round(trained.seconds, 1),
        "parameters": trained.plan.settings,
        "tuning": _tuning(trained.plan.tuned),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Of Python and of the libraries that the numbers come from."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def _outcome(outcome: Outcome) -> Body:
    return {
        "threshold": outcome.threshold,
        "false_negatives": outcome.false_negatives,
        "false_positives": outcome.false_positives,
        "cost": outcome.total,
        "cost_per_client": outcome.per_client,
    }


def _groups(outcomes: Sequence[GroupOutcome]) -> Body:
    groups = {
        outcome.group: {
            "clients": outcome.clients,
            "repaid": outcome.repaid,
            "default_rate": outcome.default_rate,
            "approval_rate": outcome.approval_rate,
            "equal_opportunity": outcome.equal_opportunity,
            "small": outcome.is_small,
        }
        for outcome in outcomes
    }
    return {"groups": groups, "largest_equal_opportunity_gap": largest_gap(outcomes)}


def _tuning(tuned: Tuned | None) -> Body | None:
    return None if tuned is None else asdict(tuned)
