"""The model card: what the model is for, what was measured, what it cannot tell."""

from collections.abc import Iterable, Sequence
from textwrap import fill

from training.fairness import SMALL, GroupOutcome, largest_gap
from training.figures import FIGURES
from training.folds import FOLDS
from training.measured import versions
from training.metrics import Metrics
from training.plan import Tuned
from training.trained import Trained

CARD_FILE = "MODEL_CARD.md"
_MOST_IMPORTANT = 15
_WIDTH = 110
_NONE = "none"


def model_card(trained: Trained) -> str:
    """`MODEL_CARD.md`; every number in it was measured."""
    sections = (
        _head(trained),
        _PURPOSE,
        _data(trained),
        _validation(trained),
        _quality(trained),
        _thresholds(trained),
        _fairness(trained),
        _features(trained),
        _LIMITS,
        _versions(trained),
    )
    blocks = "\n\n".join(sections).split("\n\n")
    return "\n\n".join(_filled(block) for block in blocks) + "\n"


def _filled(block: str) -> str:
    """A paragraph with lines of even length; tables, lists and pictures as they are."""
    return block if block.startswith(("|", "#", "-", "!")) else fill(" ".join(block.split()), _WIDTH)


def _head(trained: Trained) -> str:
    return f"""# Model card

A LightGBM model of {trained.trees:,} trees on {trained.schema.width} of {len(trained.schema.features)}
candidate features ({trained.model_bytes:,} bytes of text). It gives the probability of default of an
applicant for consumer credit; the policy `{trained.policy.version}` refuses from
{trained.policy.threshold:.4f} on.

The program that trained the model wrote this page, from what it measured."""


_PURPOSE = """## Intended use

To support the decision on an application for consumer credit, by a lender who can explain and revise it:
the probability is read under a policy, recorded with the decision, and open to a person's review. It is not
meant for other products than those it was trained on, for pricing, for collection, or to decide without
recourse."""


def _data(trained: Trained) -> str:
    good = trained.rows - trained.defaults
    return f"""## Data

{trained.rows:,} clients in the layout of Home Credit's tables, one row for each: {trained.defaults:,} with
payment difficulties ({trained.defaults / trained.rows:.2%}) and {good:,} without.

**What is predicted.** `TARGET` is 1 for payment difficulties as Home Credit defines them: the client was late
by more than X days on at least one of the first Y instalments of the loan; X and Y are not published. That is
not the regulator's default of 90 days past due within 12 months. A probability of this model is a probability
of `TARGET` and must not be used as if it were the other.

**Who is missing.** Only granted loans have an outcome. Clients who were refused have none and are not in the
data: for applicants unlike those who used to be granted, the probability is an extrapolation that nothing
here has tested."""


def _validation(trained: Trained) -> str:
    trees = ", ".join(str(trees) for trees in trained.evidence.fold_trees)
    return f"""## How it was validated

{FOLDS} folds, stratified by `TARGET`, fixed by client number and seed. Each fold walks the whole way on its
own training clients: category codes, selection of features by gain and correlation, and the number of trees,
found on a tenth of them that has no part in the rest. The clients that a fold scores have no part in any of
it. The numbers below are of these probabilities, for {len(trained.evidence.defaulted):,}
clients, none of whom the scoring model had met.

{_tuning(trained.plan.tuned)}

The model of this bundle is trained on all clients, more than the models that were measured. It has the mean
of their numbers of trees ({trees}).

What optimism remains: the cost of the threshold that is cheapest here is measured on the clients that chose
it."""


def _tuning(tuned: Tuned | None) -> str:
    if tuned is None:
        return "No parameters were tuned: they are the defaults."
    return f"""Parameters were tuned in {tuned.trials} trials, {tuned.stopped_early} of them given up early,
judged by their log-loss on one fold ({tuned.default_log_loss:.5f} with the defaults, {tuned.log_loss:.5f}
with the best). That fold is left out of every number below: no measured client has chosen parameters."""


def _quality(trained: Trained) -> str:
    return f"""## Quality

{_table(("measure", "value", "meaning"), _measures(trained.metrics))}

{_picture("roc", "ROC curve")}
{_picture("precision_recall", "Precision and recall")}
{_picture("calibration", "Calibration")}"""


def _measures(metrics: Metrics) -> tuple[tuple[str, str, str], ...]:
    error = "mean gap of probability and default rate, ten bins of equal mass"
    return (
        ("AUC", f"{metrics.auc:.4f}", "chance that a default is ranked above another client"),
        ("Gini", f"{metrics.gini:.4f}", "2 AUC - 1"),
        ("KS", f"{metrics.ks:.4f}", "largest gap between the shares refused of defaults and of others"),
        ("log-loss", f"{metrics.log_loss:.5f}", "what training lowers"),
        ("Brier score", f"{metrics.brier:.5f}", "mean squared error of the probability"),
        ("calibration error", f"{metrics.calibration_error:.4f}", error),
        ("recall", f"{metrics.recall:.4f}", "share of the defaults that are refused"),
        ("precision", _share(metrics.precision), "share of the refusals that would have defaulted"),
        ("approval rate", f"{metrics.approval_rate:.4f}", "share of the clients approved"),
        ("default rate", f"{metrics.default_rate:.4f}", "share of all clients"),
        ("cost per client", f"{metrics.cost_per_client:.4f}", "at the policy's threshold"),
    )


def _thresholds(trained: Trained) -> str:
    choice, costs = trained.choice, trained.policy.costs
    low, high = choice.interval
    rows = (
        (
            name,
            f"{outcome.threshold:.4f}",
            f"{outcome.false_negatives:,}",
            f"{outcome.false_positives:,}",
            f"{outcome.total:,.0f}",
            f"{outcome.per_client:.4f}",
        )
        for name, outcome in zip(("usual default", "theoretical", "cheapest here"), choice.table, strict=True)
    )
    titles = ("", "threshold", "defaults approved", "good clients refused", "cost", "cost per client")
    return f"""## Threshold

A missed default costs {costs.fn:g}, a refused good client {costs.fp:g}. For a calibrated probability
{costs.theoretical_threshold:.4f} is cheapest; on the measured clients {choice.cheapest:.4f} is, with a 95 %
bootstrap interval from {low:.4f} to {high:.4f}. Taken: {choice.threshold:.4f}, {_why(trained)}.

{_table(titles, rows)}

{_picture("cost", "Cost against threshold")}"""


def _why(trained: Trained) -> str:
    if trained.choice.threshold == trained.policy.costs.theoretical_threshold:
        return "which the data do not contradict"
    return "since the data contradict the theoretical one"


def _fairness(trained: Trained) -> str:
    return f"""## Fairness

Sex is recorded to measure this and is not a model input; age is one. Equal opportunity is the approval rate
among clients who repaid. Groups with fewer than {SMALL} such clients are marked small: their rates say
little.

By sex: {_gap(trained.evidence.by_sex)}

{_groups(trained.evidence.by_sex)}

By age: {_gap(trained.evidence.by_age)}

{_groups(trained.evidence.by_age)}"""


def _gap(outcomes: Sequence[GroupOutcome]) -> str:
    gap = largest_gap(outcomes)
    if gap is None:
        return "there are no two groups large enough to compare."
    return f"the largest gap in equal opportunity is {100 * gap:.1f} points."


def _groups(outcomes: Iterable[GroupOutcome]) -> str:
    titles = ("group", "clients", "default rate", "approval rate", "equal opportunity", "")
    return _table(
        titles,
        (
            (
                outcome.group,
                f"{outcome.clients:,}",
                f"{outcome.default_rate:.4f}",
                f"{outcome.approval_rate:.4f}",
                _share(outcome.equal_opportunity),
                "small" if outcome.is_small else "",
            )
            for outcome in outcomes
        ),
    )


def _features(trained: Trained) -> str:
    meanings = {feature.name: feature.meaning for feature in trained.schema.used}
    ranked = trained.explanation.most_important(_MOST_IMPORTANT)
    rows = ((f"`{name}`", f"{share:.2%}", meanings[name]) for name, share in ranked)
    return f"""## Features

The {len(ranked)} that the model gains most from; `schema.json` lists all of them.

{_table(("feature", "share of gain", "meaning"), rows)}

{_picture("importance", "Importance")}
{_picture("shap", "Contributions to single clients")}"""


_LIMITS = """## Limits

- Payment difficulties are predicted, not losses: amounts and recoveries play no part.
- Clients who were refused have no outcome, neither in training nor later: quality on them is unknown.
- Default rates move with the economy: the probabilities are calibrated for the time of the data.
- A gap between groups is measured, not removed; whether it is acceptable is the lender's to decide."""


def _versions(trained: Trained) -> str:
    plan = trained.plan
    made = {**versions(), "seed": str(plan.seed), "threads": str(plan.threads)}
    return f"""## Versions

The same features file, seed, threads and versions give the same model, byte for byte. Training took
{trained.seconds:.1f} seconds.

{_table(("", ""), made.items())}"""


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _picture(name: str, words: str) -> str:
    return f"![{words}]({FIGURES}/{name}.png)"


def _share(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4f}"
