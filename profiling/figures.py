"""Pictures of what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Of Okabe and Ito: told apart by every eye.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666", "#000000")
_DPI = 110
_QUANTILES = ("whislo", "q1", "med", "q3", "whishi")
"""As matplotlib names those of a box."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A value, and how far its rounds were apart: largest less smallest, as a share of it."""

    name: str
    value: float
    spread: float


@dataclass(frozen=True, slots=True)
class Box:
    """Quantiles of a distribution."""

    name: str
    quantiles: tuple[float, ...]
    """Low end, first quarter, middle, third quarter, high end."""


def bars(groups: Mapping[str, Sequence[Bar]], value: str) -> Figure:
    """Horizontal bars with their spread, a panel for each group; the scale of each is its own."""
    figure = Figure(figsize=(11, 0.9 + 0.36 * max(map(len, groups.values()))), layout="constrained")
    panels = figure.subplots(1, len(groups), squeeze=False)[0]
    for axes, (title, group) in zip(panels, groups.items(), strict=True):
        places = range(len(group))
        values, spreads = [bar.value for bar in group], [bar.value * bar.spread / 2 for bar in group]
        colours = [COLOURS[place % len(COLOURS)] for place in places]
        axes.barh(places, values, xerr=spreads, color=colours, error_kw={"ecolor": "#444444", "capsize": 2})
        for place, bar in zip(places, group, strict=True):
            if not bar.value:
                continue  # it takes no such batch
            axes.annotate(
                f"{bar.value:,.3g}" if bar.value < 100 else f"{bar.value:,.0f}",
                (bar.value * (1 + bar.spread / 2), place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        axes.set_yticks(places, [bar.name for bar in group] if axes is panels[0] else [""] * len(group))
        axes.set(title=title, xlabel=value, xlim=(0, 1.3 * max(values)))
        _plain(axes)
        axes.invert_yaxis()
    return figure


def boxes(group: Sequence[Box], value: str, title: str) -> Figure:
    """Horizontal boxes on one logarithmic scale."""
    figure = Figure(figsize=(9, 1.2 + 0.42 * len(group)), layout="constrained")
    axes = figure.subplots()
    axes.bxp(
        [{"label": box.name, **dict(zip(_QUANTILES, box.quantiles, strict=True))} for box in group],
        orientation="horizontal",
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": "#56B4E9"},
        medianprops={"color": "#000000"},
    )
    axes.set(title=title, xlabel=value, xscale="log")
    _plain(axes)
    axes.invert_yaxis()
    return figure


@dataclass(frozen=True, slots=True)
class Curve:
    """Latency against load: requests a second, and the latency that goes with them."""

    name: str
    rates: Sequence[float]
    p50_ms: Sequence[float]
    p99_ms: Sequence[float]
    marks: Sequence[str]


def curves(group: Sequence[Curve], title: str) -> Figure:
    """p50 as a line, p99 as a dashed one, for each service, as clients are added."""
    figure = Figure(figsize=(9, 5.4), layout="constrained")
    axes = figure.subplots()
    for place, curve in enumerate(group):
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(curve.rates, curve.p50_ms, "o-", color=colour, label=curve.name)
        axes.plot(curve.rates, curve.p99_ms, "x--", color=colour, lw=1)
        for rate, latency, mark in zip(curve.rates, curve.p50_ms, curve.marks, strict=True):
            axes.annotate(mark, (rate, latency), xytext=(4, -10), textcoords="offset points", fontsize=7)
    axes.set(title=title, xlabel="requests answered a second", ylabel="latency, ms: p50 —, p99 - -")
    axes.set(xscale="log", yscale="log")
    _plain(axes)
    axes.legend(frameon=False, fontsize=8)
    return figure


def save(figures: Mapping[str, Figure], folder: Path) -> None:
    """Write each as a PNG with its name; the same numbers give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=_DPI, metadata={"Software": None})


def _plain(axes: Axes) -> None:
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
