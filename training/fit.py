"""Training, from labelled clients to a model and what it is worth."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from credit.errors import InvalidTables
from credit.policy import Policy
from features.encoder import Encoder, Rows
from features.schema import Feature, FeatureSchema, ordered
from training.cross_validation import OutOfFold, out_of_fold
from training.explanation import explain
from training.fairness import age_bands, outcomes_by, sexes
from training.learned import learn, usable
from training.metrics import measure
from training.parameters import Booster, dataset, fit
from training.plan import Plan
from training.sample import Sample
from training.selection import select
from training.threshold import Choice, choose_threshold
from training.trained import Evidence, Trained


def train(
    sample: Sample, candidates: Sequence[Feature], plan: Plan, report: Callable[[float], None]
) -> Trained:
    """Select, cross-validate, choose the threshold, refit on every row.

    What is measured is the same way walked in folds; the model itself has seen everybody.
    """
    started = time.monotonic()
    schema = _schema(candidates, sample, plan)
    report(0.15)
    held_out = out_of_fold(candidates, sample, plan, lambda done: report(0.15 + 0.7 * done))
    defaulted = sample.defaulted[held_out.rows]
    choice = choose_threshold(defaulted, held_out.probabilities, plan.costs, plan.seed)
    rows = Encoder(schema).encode_columns(sample.columns)
    trees = held_out.trees_for_all
    booster = _refit(schema, rows, sample, plan, trees)
    report(0.95)
    return Trained(
        text=booster.model_to_string(),
        schema=schema,
        policy=Policy(threshold=choice.threshold, costs=plan.costs),
        metrics=measure(defaulted, held_out.probabilities, choice.threshold, plan.costs),
        choice=choice,
        evidence=_evidence(sample, held_out, choice),
        explanation=explain(booster, rows),
        plan=plan,
        trees=trees,
        sample=sample,
        seconds=time.monotonic() - started,
    )


def _schema(candidates: Sequence[Feature], sample: Sample, plan: Plan) -> FeatureSchema:
    """The schema of the model to train; `InvalidTables` when there are not as many features as asked for."""
    learned = learn(candidates, sample)
    varying = usable(learned)
    names = select(varying, sample, plan.kept, plan.seed, plan.threads) if varying else []
    if len(names) < plan.kept:
        raise InvalidTables(
            f"{plan.kept} features are to be kept, but of {len(candidates)} candidates only {len(names)} "
            f"vary here and repeat no other: keep {len(names)} at most"
        )
    return ordered(learned, names)


def _refit(schema: FeatureSchema, rows: Rows, sample: Sample, plan: Plan, trees: int) -> Booster:
    names = [feature.name for feature in schema.used]
    return fit(plan.settings, dataset(rows, sample.defaulted, names), trees)


def _evidence(sample: Sample, held_out: OutOfFold, choice: Choice) -> Evidence:
    defaulted = sample.defaulted[held_out.rows]
    approved = held_out.probabilities < choice.threshold
    by_sex = sexes(sample.columns["CODE_GENDER"][held_out.rows])
    by_age = age_bands(np.asarray(sample.columns["DAYS_BIRTH"], dtype=np.float64)[held_out.rows])
    return Evidence(
        defaulted=defaulted,
        probabilities=held_out.probabilities,
        fold_trees=held_out.trees,
        by_sex=outcomes_by(by_sex, defaulted, approved),
        by_age=outcomes_by(by_age, defaulted, approved),
    )
