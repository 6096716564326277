"""A drift report as a page: one file that opens anywhere, with no internet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from monitoring.drift.budget import SHARE_FOR_RETRAINING
from monitoring.drift.expected import Estimate, Expected
from monitoring.drift.report import ENOUGH
from monitoring.drift.verdict import FeatureDrift
from monitoring.reporting.document import Document
from monitoring.reporting.drawing import bars, history, intervals
from monitoring.reporting.history import Score

_DRAWN = 11
_SURE_SIGMAS = 3.29
"""Chance passes them once in a thousand; it leaves one of three intervals of 95 % in every seventh report."""
_LEAST_CHANGE = 0.05
"""Of a rate. The training rows were answered by models of fewer rows each, so theirs are a little off."""


@dataclass(frozen=True)
class _Rate:
    title: str
    before: str
    now: str
    change: str
    """The difference, when chance does not explain it and it matters."""
    drawing: str


def page(document: Document, scores: Sequence[Score]) -> str:
    """The report as HTML; *scores*: of earlier reports, the oldest first."""
    about, found = document.about, document.comparison
    probability = [] if found.probability is None else [found.probability]
    ranked = sorted(found.features, key=_rank)
    course = [*scores, *([Score(about.until_us, found.share)] if found.features else [])]
    return _template().render(
        about=about,
        found=found,
        enough=ENOUGH,
        most=SHARE_FOR_RETRAINING,
        since=_time(about.since_us),
        until=_time(about.until_us),
        made_at=_time(about.made_at_us),
        before="training" if about.against == "training" else "the time before",
        drawn=[(one, _bars(one)) for one in [*probability, *ranked[:_DRAWN]]],
        ranked=ranked,
        rates=_rates(found.expected_before, found.expected_now),
        history=history([(_time(one.until_us), one.share) for one in course], SHARE_FOR_RETRAINING),
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["share"] = lambda value: f"{value:.1%}"
    environment.filters["p"] = lambda value: "< 1e-6" if value < 1e-6 else f"{value:.2g}"
    return environment.from_string(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def _rank(feature: FeatureDrift) -> tuple[bool, bool, float]:
    """What drifted first, of that the important, then by how far."""
    return (not feature.drifted, not feature.is_important and feature.drifted, -feature.psi / feature.limit)


def _bars(feature: FeatureDrift) -> str:
    before, now = (
        [count / max(1, sum(counts)) for count in counts] for counts in (feature.before, feature.now)
    )
    marks = [_mark(label) if feature.test == "ks" else label for label in feature.labels]
    # After a value that has a bin of its own comes what lies above it.
    marks = [f"> {mark}" if mark == last else mark for last, mark in pairwise(["", *marks])]
    return bars(list(zip(feature.labels, marks, strict=True)), before, now)


def _mark(label: str) -> str:
    """What stands below a bin of numbers: where it begins."""
    if label.startswith(("below ", "above ")):
        return ("< " if label.startswith("below") else "> ") + label.partition(" ")[2]
    return label.removeprefix("from ").partition(" to ")[0]


def _rates(before: Expected | None, now: Expected | None) -> list[_Rate]:
    if before is None or now is None:
        return []
    return [
        _rate("expected default rate", before.default_rate, now.default_rate, "{:.2%}"),
        _rate("approval rate", before.approval_rate, now.approval_rate, "{:.1%}"),
        _rate("expected cost per client", before.cost, now.cost, "{:.3f}"),
    ]


def _rate(title: str, before: Estimate, now: Estimate, form: str) -> _Rate:
    drawing = intervals(before, now)
    return _Rate(
        title, _shown(before, form), _shown(now, form), _changed(before, now - before, form), drawing
    )


def _changed(before: Estimate, change: Estimate, form: str) -> str:
    """The change in words: as with features, it must be surer than chance and large enough to matter."""
    if abs(change.value) <= _SURE_SIGMAS * change.error:
        return "no change beyond chance"
    if abs(change.value) < _LEAST_CHANGE * before.value:
        return f"less than {_LEAST_CHANGE:.0%}"
    moved = form.format(abs(change.value)).replace("%", " points")
    return f"{'+' if change.value > 0 else '−'}{moved}"


def _shown(estimate: Estimate, form: str) -> str:
    low, high = form.format(estimate.low), form.format(estimate.high)
    return f"{form.format(estimate.value)} ({low} to {high})"


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
