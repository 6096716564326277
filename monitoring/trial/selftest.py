"""Whether the drift report tells drift from chance: many windows with drift made on purpose, many without."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from credit.cost import Probabilities
from credit.policy import Policy
from features.schema import FeatureSchema
from monitoring.drift.category import CategoryBins
from monitoring.drift.reference import Reference
from monitoring.drift.report import compare
from monitoring.drift.window import Window
from monitoring.trial.induced import Change, Columns, Lose, Outlier, Replace, Scale, Shift, recomputed

SIZES = (50, 100, 500, 5000)
"""Decisions of the windows without drift."""
DRIFTED_SIZE = 1000
_DAYS_OF_8_YEARS = 2922
_ABSURD_AMOUNT = 117_000_000.0
ABSURD = ("AMT_INCOME_TOTAL", "AMT_CREDIT")
"""Amounts that one client gets wrong absurdly."""
_MOST_FALSE_ALARMS = 0.01
_LEAST_FOUND = 0.95
_MOST_STRANGERS = 0.05


@dataclass(frozen=True)
class Population:
    """Clients like those of the training rows, whom the model has never seen, and its answers to them."""

    schema: FeatureSchema
    columns: Columns
    probabilities: Probabilities
    score: Callable[[Columns], Probabilities]

    def window(
        self, reference: Reference, rows: int, changes: Sequence[Change], rng: np.random.Generator
    ) -> Window:
        """Some clients, each once, after *changes* and what follows from these."""
        drawn = rng.choice(len(self.probabilities), rows, replace=False)
        columns = {name: column[drawn] for name, column in self.columns.items()}
        if not changes:
            return Window.of(reference, columns, self.probabilities[drawn])
        for change in changes:
            columns = recomputed(change.of(columns, rng), self.schema.features, change.touched)
        return Window.of(reference, columns, self.score(columns))


@dataclass(frozen=True)
class Case:
    """One kind of window, and what the report must say of it."""

    what: str
    rows: int
    changes: tuple[Change, ...] = ()
    target: str | None = None
    """The feature that must be named; none when the report must not alert."""


@dataclass(frozen=True)
class Trial:
    """A case tried many times."""

    case: Case
    seed: int
    windows: int
    hits: int
    """Windows in which the target was named, or in which there was a false alarm."""
    strangers: int
    """Windows in which a feature was named that nothing had happened to."""

    @property
    def bound(self) -> int:
        """The least hits, or the most."""
        if self.case.target:
            return math.ceil(_LEAST_FOUND * self.windows)
        return math.floor(_MOST_FALSE_ALARMS * self.windows)

    @property
    def holds(self) -> bool:
        enough = self.hits >= self.bound if self.case.target else self.hits <= self.bound
        return enough and self.strangers <= math.floor(_MOST_STRANGERS * self.windows)


def cases(reference: Reference, schema: FeatureSchema) -> list[Case]:
    """Windows without drift of several sizes, and each kind of drift at a size a lender would care about.

    Drift is made in features that the model uses; a kind that needs one it does not use is left out.
    """
    used = {feature.name for feature in reference.features}
    wanted = [case for case in _drifted(reference) if case.target in used]
    quiet = [Case("no drift", rows) for rows in SIZES]
    absurd = [
        Case(
            f"no drift, and one {name} of {_ABSURD_AMOUNT:,.0f}",
            DRIFTED_SIZE,
            (Outlier(name, _ABSURD_AMOUNT),),
        )
        for name in ABSURD
        if name in schema.names
    ]
    return [*quiet, *absurd, *wanted]


def _drifted(reference: Reference) -> Iterator[Case]:
    for name in ("AMT_CREDIT", "AMT_ANNUITY"):
        yield _drift(f"{name} x 1.3", name, Scale((name,), 1.3))
    yield _drift(
        f"AMT_CREDIT x 1.3, and one of {_ABSURD_AMOUNT:,.0f}",
        "AMT_CREDIT",
        Scale(("AMT_CREDIT",), 1.3),
        Outlier("AMT_CREDIT", _ABSURD_AMOUNT),
    )
    for name in ("EXT_SOURCE_1", "EXT_SOURCE_3"):
        yield _drift(f"{name} missing 10 points more often", name, Lose((name,), 0.10))
    words = [one.name for one in reference.features if isinstance(one.bins, CategoryBins)]
    for name in words[:2]:
        yield _drift(f"{name} a new word in 5 %", name, Replace(name, "Never seen before", 0.05))
    older = Shift(("DAYS_BIRTH",), -_DAYS_OF_8_YEARS, low=-40_000)
    yield _drift("clients 8 years older", "DAYS_BIRTH", older)
    lower = Shift(("EXT_SOURCE_2",), -0.15, low=0.0)
    yield _drift("EXT_SOURCE_2 lower by 0.15", "EXT_SOURCE_2", lower)


def _drift(what: str, target: str, *changes: Change) -> Case:
    return Case(what, DRIFTED_SIZE, changes, target)


@dataclass(frozen=True)
class Examination:
    """A reference and its model on trial, with *windows* of each kind."""

    reference: Reference
    population: Population
    policy: Policy
    windows: int = 200

    def run(self, seeds: Sequence[int], report: Callable[[float], None]) -> list[Trial]:
        """Try every case with every seed; *report* is called with the fraction done."""
        tried = cases(self.reference, self.population.schema)
        trials: list[Trial] = []
        for seed in seeds:
            for number, case in enumerate(tried):
                trials.append(self._tried(case, seed, np.random.default_rng([seed, number])))
                report(len(trials) / (len(seeds) * len(tried)))
        return trials

    def _tried(self, case: Case, seed: int, rng: np.random.Generator) -> Trial:
        training = Window.of_training(self.reference)
        affected = _affected(case, self.population.schema)
        hits = strangers = 0
        for _ in range(self.windows):
            window = self.population.window(self.reference, case.rows, case.changes, rng)
            found = compare(self.reference, training, window, self.policy)
            named = {feature.name for feature in found.drifted}
            hits += case.target in named if case.target else bool(found.alerts)
            strangers += bool(case.target and named - affected)
        return Trial(case, seed, self.windows, hits, strangers)


def _affected(case: Case, schema: FeatureSchema) -> set[str]:
    """The features that a case changes, and those that follow from them."""
    touched = {name for change in case.changes for name in change.touched}
    return touched | {
        feature.name
        for feature in schema.features
        if feature.formula is not None and touched.intersection(feature.formula.parts)
    }
