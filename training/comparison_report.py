"""A comparison as people and programs read it: JSON, Markdown, a chart."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.table import Table

from credit.cost import Costs
from training.comparison import Standing

JSON_FILE = "comparison.json"
TEXT_FILE = "comparison.md"
CHART_FILE = "comparison.png"
FILES = (JSON_FILE, TEXT_FILE, CHART_FILE)
_LIBRARIES = ("scikit-learn", "lightgbm", "xgboost-cpu", "catboost")
_BLUE, _VERMILION, _GREEN = "#0072B2", "#D55E00", "#009E73"  # of Okabe and Ito: told apart by every eye

_NARROW = (0, 1, 2, 4, 5, 7, 8, 9)
"""The columns that matter most; the files have them all."""


@dataclass(frozen=True)
class Comparison:
    """The standings and what they were reached under."""

    standings: tuple[Standing, ...]
    clients: int
    defaults: int
    folds: int
    seed: int
    threads: int
    load: float
    """Processes that waited for a core when it began: above 0 the times are a busy machine's."""
    costs: Costs

    @property
    def approving_all(self) -> float:
        """Cost per client of approving everybody."""
        return self.costs.fn * self.defaults / self.clients

    @property
    def refusing_all(self) -> float:
        return self.costs.fp * (1 - self.defaults / self.clients)


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write `comparison.json`, `comparison.md` and `comparison.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    body = json.dumps(_body(comparison), indent=1, allow_nan=False)
    (folder / JSON_FILE).write_text(body + "\n", encoding="utf-8")
    (folder / TEXT_FILE).write_text(_text(comparison), encoding="utf-8")
    chart(comparison.standings).savefig(folder / CHART_FILE, metadata={"Software": None})


def table(comparison: Comparison) -> Table:
    """The standings as a terminal of 80 columns shows them."""
    shown = Table(box=None, padding=(0, 1, 0, 0))
    titles = _titles(comparison.costs)
    for i in _NARROW:
        shown.add_column(titles[i], justify="right" if i else "left", no_wrap=not i)
    for standing in comparison.standings:
        line = _cells(standing)
        shown.add_row(*(line[i] for i in _NARROW))
    return shown


def _titles(costs: Costs) -> tuple[str, ...]:
    quality = ("model", "AUC", "±", "log-loss")
    money = (f"cost at {costs.theoretical_threshold:.4f}", "best cost", "at threshold")
    return (*quality, *money, "fit s", "row ms", "rows/s")


def _cells(standing: Standing) -> tuple[str, ...]:
    speed = standing.speed
    return (
        standing.name,
        f"{standing.auc:.4f}",
        f"{standing.auc_spread:.4f}",
        f"{standing.log_loss:.4f}",
        f"{standing.theoretical.per_client:.4f}",
        f"{standing.cheapest.per_client:.4f}",
        f"{standing.cheapest.threshold:.4f}",
        f"{speed.fit_seconds:.1f}",
        f"{speed.one_row_ms:.3f}",
        f"{speed.rows_per_second:,.0f}",
    )


def chart(standings: Sequence[Standing]) -> Figure:
    """AUC with its spread, cost, and the time of one row, a line for each model, the best AUC on top."""
    figure = Figure(figsize=(11, 3.8), layout="constrained", dpi=130)
    quality, cost, time = figure.subplots(1, 3, sharey=True)
    lines = range(len(standings), 0, -1)
    aucs = [standing.auc for standing in standings]
    spreads = [standing.auc_spread for standing in standings]
    quality.errorbar(aucs, lines, xerr=spreads, fmt="o", color=_BLUE, capsize=3)
    cost.plot([standing.theoretical.per_client for standing in standings], lines, "s", color=_VERMILION)
    cost.plot(
        [standing.cheapest.per_client for standing in standings], lines, "s", mfc="none", color=_VERMILION
    )
    time.plot([standing.speed.one_row_ms for standing in standings], lines, "D", color=_GREEN)
    quality.set(xlabel="AUC\nmean ± standard deviation of the folds")
    cost.set(xlabel="cost per client\nfull: theoretical threshold; open: own best")
    time.set(xlabel="one row, ms\nlogarithmic", xscale="log")
    time.xaxis.set_major_formatter("{x:g}")
    quality.set_yticks(list(lines), [standing.name for standing in standings])
    for axes in (quality, cost, time):
        _plain(axes)
    return figure


def _plain(axes: Axes) -> None:
    axes.margins(x=0.1, y=0.12)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _body(comparison: Comparison) -> dict[str, Any]:
    head = asdict(comparison)
    del head["standings"]
    return {
        **head,
        "cost_per_client_approving_all": comparison.approving_all,
        "cost_per_client_refusing_all": comparison.refusing_all,
        "versions": {library: version(library) for library in _LIBRARIES},
        "models": [_model(standing) for standing in comparison.standings],
    }


def _model(standing: Standing) -> dict[str, Any]:
    return {
        **asdict(standing),
        "auc": standing.auc,
        "auc_spread": standing.auc_spread,
        "cheapest_cost_per_client": standing.cheapest.per_client,
        "theoretical_cost_per_client": standing.theoretical.per_client,
    }


def _text(comparison: Comparison) -> str:
    costs = comparison.costs
    titles = _titles(costs)
    lines = [titles, ("---", *("---:" for _ in titles[1:])), *map(_cells, comparison.standings)]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"""# {len(comparison.standings)} models on the same folds

{comparison.clients:,} clients, of whom {comparison.defaults / comparison.clients:.2%} defaulted; \
{comparison.folds} folds (seed {comparison.seed}), in each the same \
{comparison.standings[0].features} features for every model.
Each model has sound parameters and is not tuned. Every number is of clients that the model had not seen.

{rows}

- Cost per client: {costs.fn:g} for a missed default, {costs.fp:g} for a good client refused;
  {comparison.approving_all:.4f} when all are approved, {comparison.refusing_all:.4f} when all are refused.
  At {costs.theoretical_threshold:.4f}, which is right for a calibrated probability, and at the model's own
  best threshold, found afterwards on the same clients.
- Fitted on {_counted(comparison.threads, "thread")} (mean of the folds).
  Predicted on one, from numpy rows through each library's own Python: the median of single rows, another row
  each time; and whole batches.
  The load average was {comparison.load:.1f} when it began.

![AUC, cost and the time of one row, a line for each model]({CHART_FILE})
"""
