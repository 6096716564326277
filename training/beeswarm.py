"""What each feature adds to single clients' risk: a dot for each client and feature."""

import numpy as np
import numpy.typing as npt
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from training.explanation import Explanation

_SHOWN = 20
_COLUMNS = 100
"""Across a feature's line: dots in one of them make room for each other."""
_HALF_LINE = 0.45
_COLOURS, _GREY, _LIGHT_GREY = "cividis", "#777777", "#C8C8C8"
_ENDS = (5, 95)
"""Percentiles of a feature's values that get the outermost colours, lest a few extremes leave one for all."""

Floats = npt.NDArray[np.float64]


def beeswarm(explanation: Explanation) -> Figure:
    """Left lowers the risk, right raises it; the colour is the value. The weightiest feature on top."""
    figure = Figure(figsize=(9.5, 9), layout="constrained")
    axes = figure.subplots()
    weight = np.abs(explanation.contributions).mean(axis=0)
    shown = np.argsort(-weight, kind="stable")[:_SHOWN][::-1]
    added = explanation.contributions[:, shown]
    shades = np.column_stack([_shade(column) for column in explanation.rows[:, shown].T])
    heights = np.column_stack([line + _apart(column) for line, column in enumerate(added.T)])
    known = np.isfinite(shades)
    axes.axvline(0, color=_GREY, lw=1, zorder=0)
    axes.scatter(added[~known], heights[~known], s=12, lw=0, color=_LIGHT_GREY)
    axes.scatter(added[known], heights[known], s=12, lw=0, c=shades[known], cmap=_COLOURS, vmin=0, vmax=1)
    axes.set_yticks(range(len(shown)), [explanation.names[i] for i in shown])
    axes.set_ylim(-1, len(shown))
    axes.set_xlabel("contribution to the log-odds of default", fontsize=10)
    axes.tick_params("y", labelsize=9, length=0)
    axes.grid(axis="y", ls=":", alpha=0.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    what = f"Contributions for {len(added):,} clients, {len(shown)} weightiest features"
    axes.set_title(f"{what}; light grey: missing", loc="left")
    bar = figure.colorbar(ScalarMappable(cmap=_COLOURS), ax=axes, aspect=80, ticks=[0, 1])
    bar.set_ticklabels(["low", "high"])
    bar.set_label("the feature's value", labelpad=0)
    bar.outline.set_visible(False)
    return figure


def _shade(values: Floats) -> Floats:
    """From 0 for low *values* to 1 for high ones; NaN for missing."""
    shade, known = np.full(len(values), np.nan), np.isfinite(values)
    if known.any():
        low, high = np.percentile(values[known], _ENDS)
        if low == high:
            low, high = values[known].min(), values[known].max()
        shade[known] = np.clip((values[known] - low) / ((high - low) or 1.0), 0.0, 1.0)
    return shade


def _apart(added: Floats) -> Floats:
    """How far each dot stands above or below its line: equal contributions show how many they are."""
    span = float(np.ptp(added)) or 1.0
    column = np.rint(_COLUMNS * (added - added.min()) / span)
    order = np.argsort(column, kind="stable")
    sorted_columns = column[order]
    rank = np.empty(len(added))
    rank[order] = np.arange(len(added)) - np.searchsorted(sorted_columns, sorted_columns)
    layer = np.ceil(rank / 2) * np.where(rank % 2, 1, -1)
    return np.asarray(_HALF_LINE * layer / max(1.0, float(np.abs(layer).max())))
