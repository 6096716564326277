"""Different models on the same folds and the same rows: how well, how dear, how fast."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from credit.cost import Costs, Labels, Outcome, Probabilities, cheapest_threshold, outcome_at
from credit.errors import InvalidTables
from features.encoder import Rows
from features.schema import Feature
from runners.scorer import Scorer
from training.contender import Contender, Part
from training.cross_validation import fold_encoder
from training.folds import Positions, folds, hold_back
from training.plan import Plan
from training.sample import MIN_OF_EACH, Sample

_WARM_UP = 2
_CALLS = 10
"""Single rows scored one by one in each fold; another each time, for one row alone flatters every engine."""
_BATCH = 10_000
_BATCHES = 3


@dataclass(frozen=True)
class EncodedFold:
    """One fold as the models see it; `outside` are the held-out clients' positions in the sample."""

    learning: Part
    stopping: Part
    held_out: Rows
    outside: Positions


@dataclass(frozen=True)
class Speed:
    """How long things take; the only numbers that the seed does not determine."""

    fit_seconds: float
    """Mean over the folds."""
    one_row_ms: float
    """Median of single-row predictions."""
    rows_per_second: float
    """In batches, on one thread."""


@dataclass(frozen=True)
class Standing:
    """What one model reached on clients it had not seen, each of them once."""

    name: str
    aucs: tuple[float, ...]
    """One for each fold."""
    log_loss: float
    cheapest: Outcome
    """At the threshold that is cheapest for this model, seen afterwards: a little optimistic."""
    theoretical: Outcome
    """At the threshold that is right for a calibrated probability."""
    speed: Speed
    features: int
    """How many the models learned from; in a fold with fewer that tell something, they were fewer."""

    @property
    def auc(self) -> float:
        return float(np.mean(self.aucs))

    @property
    def auc_spread(self) -> float:
        """Standard deviation over the folds."""
        return float(np.std(self.aucs, ddof=1))


@dataclass(frozen=True)
class _Trial:
    outside: Positions
    probabilities: Probabilities
    speed: Speed
    features: int


def drawn(sample: Sample, clients: int, seed: int) -> Sample:
    """At most *clients* of the sample at random, in their order, with its share of defaults."""
    if clients >= len(sample):
        return sample
    rows, _ = train_test_split(
        np.arange(len(sample)), train_size=clients, stratify=sample.defaulted, random_state=seed
    )
    return sample.take(np.sort(rows))


def encoded_folds(candidates: Sequence[Feature], sample: Sample, plan: Plan) -> Iterator[EncodedFold]:
    """The folds that `training fit` measures on, each with the features and codes its own rows suggest.

    `InvalidTables` when too few clients defaulted, or too many.
    """
    _require_enough(sample)
    for fold, (inside, outside) in enumerate(folds(sample.clients, sample.defaulted, plan.seed)):
        training = sample.take(inside)
        encoder = fold_encoder(candidates, training, plan)
        rows = encoder.encode_columns(training.columns)
        learning, stopping = (
            (rows[part], training.defaulted[part])
            for part in hold_back(training.clients, training.defaulted, plan.seed, fold)
        )
        yield EncodedFold(learning, stopping, encoder.encode_columns(sample.take(outside).columns), outside)


def _require_enough(sample: Sample) -> None:
    defaults = int(sample.defaulted.sum())
    if min(defaults, len(sample) - defaults) < MIN_OF_EACH:
        raise InvalidTables(
            f"comparing needs at least {MIN_OF_EACH} clients of each outcome, "
            f"and {defaults} defaulted of {len(sample)}"
        )


def compare(
    contenders: Sequence[Contender],
    encoded: Iterable[EncodedFold],
    defaulted: Labels,
    costs: Costs,
    report: Callable[[int], None],
) -> tuple[Standing, ...]:
    """The standings, highest AUC first. *defaulted*: (n,), of the whole sample.

    *report* gets how often a model is done with a fold.
    """
    trials: dict[str, list[_Trial]] = {contender.name: [] for contender in contenders}
    for fold in encoded:
        for contender in contenders:
            trials[contender.name].append(_trial(contender, fold))
            report(sum(map(len, trials.values())))
    standings = [_standing(name, tried, defaulted, costs) for name, tried in trials.items()]
    return tuple(sorted(standings, key=lambda standing: -standing.auc))


def _trial(contender: Contender, fold: EncodedFold) -> _Trial:
    started = perf_counter()
    model = contender.fit(fold.learning, fold.stopping)
    seconds = perf_counter() - started
    with threadpool_limits(1):
        speed = Speed(seconds, 1e3 * _one_row(model, fold.held_out), _throughput(model, fold.held_out))
    return _Trial(fold.outside, model.score(fold.held_out), speed, fold.held_out.shape[1])


def _one_row(model: Scorer, rows: Rows) -> float:
    """Median seconds of a single-row prediction."""
    spent = []
    for call in range(_WARM_UP + _CALLS):
        row = rows[[call % len(rows)]]
        started = perf_counter()
        model.score(row)
        spent.append(perf_counter() - started)
    return float(np.median(spent[_WARM_UP:]))


def _throughput(model: Scorer, rows: Rows) -> float:
    """Rows a second in batches; the best of a few, since other work can only slow one down."""
    batch = rows[:_BATCH]
    spent = []
    for _ in range(_BATCHES):
        started = perf_counter()
        model.score(batch)
        spent.append(perf_counter() - started)
    return len(batch) / min(spent)


def _standing(name: str, trials: list[_Trial], defaulted: Labels, costs: Costs) -> Standing:
    probabilities = np.empty(len(defaulted))
    for trial in trials:
        probabilities[trial.outside] = trial.probabilities
    cheapest = cheapest_threshold(defaulted, probabilities, costs)
    return Standing(
        name=name,
        aucs=tuple(float(roc_auc_score(defaulted[trial.outside], trial.probabilities)) for trial in trials),
        log_loss=float(log_loss(defaulted, probabilities)),
        cheapest=outcome_at(defaulted, probabilities, cheapest, costs),
        theoretical=outcome_at(defaulted, probabilities, costs.theoretical_threshold, costs),
        speed=Speed(
            fit_seconds=float(np.mean([trial.speed.fit_seconds for trial in trials])),
            one_row_ms=float(np.median([trial.speed.one_row_ms for trial in trials])),
            rows_per_second=float(np.median([trial.speed.rows_per_second for trial in trials])),
        ),
        features=max(trial.features for trial in trials),
    )
