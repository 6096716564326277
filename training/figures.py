"""What the measurements look like: a picture for each question about a model."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from sklearn.metrics import precision_recall_curve, roc_curve

from credit.cost import cost_curve, outcome_at
from training.beeswarm import beeswarm
from training.explanation import Explanation
from training.metrics import Metrics, calibration_bins
from training.threshold import Choice
from training.trained import Evidence, Trained

FIGURES = "figures"
"""The folder in a bundle."""

# Of Okabe and Ito: told apart by every eye.
_BLUE, _VERMILION, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
_MOST_IMPORTANT = 30
_NORMAL_95 = 1.96


def draw_all(trained: Trained) -> Mapping[str, Figure]:
    """Every figure of a bundle, by the name of its file."""
    evidence = trained.evidence
    return {
        "roc": roc(evidence, trained.metrics, trained.choice),
        "precision_recall": precision_recall(evidence, trained.metrics, trained.choice),
        "calibration": calibration(evidence, trained.metrics),
        "cost": cost(evidence, trained.choice),
        "importance": importance(trained.explanation),
        "shap": beeswarm(trained.explanation),
    }


def roc(evidence: Evidence, metrics: Metrics, choice: Choice) -> Figure:
    """Defaults refused against others refused, at every threshold."""
    figure, axes = _square("Ranking: which defaults are refused, and at whose expense")
    others, defaults, _ = roc_curve(evidence.defaulted, evidence.probabilities)
    axes.plot(others, defaults, color=_BLUE, lw=2, label=f"this model: AUC {metrics.auc:.3f}")
    axes.plot([0, 1], [0, 1], "--", color=_GREY, lw=1, label="chance: AUC 0.5")
    good = ~evidence.defaulted
    refused_good = float((evidence.probabilities[good] >= choice.threshold).mean())
    axes.plot(refused_good, metrics.recall, "o", color=_VERMILION, ms=9, label=_at(choice))
    axes.set(xlabel="share of the repaying clients refused", ylabel="share of the defaults refused")
    axes.legend(loc="lower right", frameon=False)
    return figure


def precision_recall(evidence: Evidence, metrics: Metrics, choice: Choice) -> Figure:
    """How many of the refused would have defaulted, against how many defaults are refused."""
    figure, axes = _square("Refusals: how many of them are right")
    precision, recall, _ = precision_recall_curve(evidence.defaulted, evidence.probabilities)
    # The curve ends in a point of nobody refused that no threshold gives.
    axes.plot(recall[:-1], precision[:-1], color=_BLUE, lw=2, label="this model")
    axes.axhline(metrics.default_rate, ls="--", color=_GREY, lw=1, label="chance: the default rate")
    if metrics.precision is not None:
        axes.plot(metrics.recall, metrics.precision, "o", color=_VERMILION, ms=9, label=_at(choice))
    axes.set(xlabel="recall: share of the defaults refused", ylabel="precision: defaults among the refused")
    axes.legend(loc="upper right", frameon=False)
    return figure


def calibration(evidence: Evidence, metrics: Metrics) -> Figure:
    """Default rate against probability in ten bins of equal mass, and where the clients are."""
    figure = Figure(figsize=(6.4, 7.2), layout="constrained")
    rates, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bins = calibration_bins(evidence.defaulted, evidence.probabilities)
    predicted = np.array([part.predicted for part in bins])
    observed = np.array([part.observed for part in bins])
    spread = _NORMAL_95 * np.sqrt(observed * (1 - observed) / [part.clients for part in bins])
    end = 1.15 * float(max(predicted.max(), (observed + spread).max()))
    rates.plot([0, end], [0, end], "--", color=_GREY, lw=1, label="calibrated")
    rates.errorbar(
        predicted, observed, spread, fmt="o", color=_BLUE, capsize=3, label=_tenth(bins[0].clients)
    )
    rates.set(xlim=(0, end), ylim=(0, end), ylabel="default rate")
    rates.set_title(f"Calibration: error {metrics.calibration_error:.4f}", loc="left")
    rates.legend(loc="upper left", frameon=False)
    within = evidence.probabilities[evidence.probabilities <= end]
    counts.hist(within, bins=40, range=(0, end), color=_BLUE, alpha=0.7)
    beyond = len(evidence.probabilities) - len(within)
    counts.set(xlabel="probability of default", ylabel="clients")
    counts.text(0.98, 0.85, f"{beyond:,} clients lie further right", transform=counts.transAxes, ha="right")
    for axes in (rates, counts):
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _plain(axes)
    rates.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


def cost(evidence: Evidence, choice: Choice) -> Figure:
    """Cost per client against the threshold, with the thresholds to choose from."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    costs = choice.table[0].costs
    thresholds, total = cost_curve(evidence.defaulted, evidence.probabilities, costs)
    end = max(0.55, 1.1 * choice.cheapest, 1.1 * costs.theoretical_threshold)
    shown = thresholds <= end
    per_client = total / len(total)
    axes.plot(thresholds[shown], per_client[shown], color=_BLUE, lw=2)
    axes.axvspan(*choice.interval, color=_GREEN, alpha=0.18, lw=0, label="cheapest threshold, 95 % interval")
    for threshold, colour, marker, name in (
        (costs.theoretical_threshold, _VERMILION, "o", "theoretical"),
        (choice.cheapest, _GREEN, "s", "cheapest here"),
        (0.5, _GREY, "D", "usual default"),
    ):
        outcome = outcome_at(evidence.defaulted, evidence.probabilities, threshold, costs)
        taken = ", taken" if threshold == choice.threshold else ""
        label = f"{name} {threshold:.4f}{taken}: {outcome.per_client:.3f}"
        axes.plot(threshold, outcome.per_client, marker, color=colour, ms=9, label=label)
    axes.set(xlim=(0, end), xlabel="threshold: refuse from this probability of default on")
    axes.set_ylabel("cost per client")
    axes.set_title(
        f"Cost: {costs.fn:g} for a missed default, {costs.fp:g} for a refused good client", loc="left"
    )
    axes.legend(frameon=False, loc="upper right")
    _plain(axes)
    return figure


def importance(explanation: Explanation) -> Figure:
    """The features that the model gains most from."""
    ranked = explanation.most_important(_MOST_IMPORTANT)[::-1]
    figure = Figure(figsize=(8, 0.26 * len(ranked) + 1.2), layout="constrained")
    axes = figure.subplots()
    axes.barh([name for name, _ in ranked], [share for _, share in ranked], color=_BLUE, height=0.7)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.tick_params("y", labelsize=8, length=0)
    axes.set_xlabel("share of the gain of all features")
    axes.set_title(f"Importance: the first {len(ranked)} of {len(explanation.names)} features", loc="left")
    axes.margins(y=0.01)
    _plain(axes)
    axes.grid(visible=False, axis="y")
    return figure


def _square(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 6), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left")
    axes.set(xlim=(0, 1), ylim=(0, 1.01))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    _plain(axes)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _at(choice: Choice) -> str:
    return f"refusing from {choice.threshold:.4f} on"


def _tenth(clients: int) -> str:
    return f"a tenth of the clients ({clients:,}), with 95 % interval"
