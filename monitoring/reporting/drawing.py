"""Small drawings in SVG, for pages that open with no internet."""

from collections.abc import Sequence
from html import escape

from monitoring.drift.expected import Estimate

Point = tuple[float, float]

_LETTER = 5.2
"""Width of one below a bar."""
_SLANT, _LONGEST = 35, 18
"""Degrees, and letters of a label that is slanted."""
_BEFORE, _NOW, _INK, _LINE = "#9aa5b1", "#c2410c", "#334155", "#e2e8f0"


def bars(labels: Sequence[tuple[str, str]], before: Sequence[float], now: Sequence[float]) -> str:
    """Two bars for each label, of shares before (grey) and now.

    A label has two forms: what shows when one points at its bars, and what stands below them; slanted where
    one is too long to lie.
    """
    width, height, top = 560.0, 130.0, max(1e-9, *before, *now)
    step = width / max(1, len(labels))
    slant = _SLANT if max(len(mark) for _, mark in labels) * _LETTER > step else 0
    drawn = [_rule((0, height), (width, height))]
    for i, ((label, mark), was, is_now) in enumerate(zip(labels, before, now, strict=True)):
        left = i * step + 0.08 * step
        for offset, share, colour in ((0.0, was, _BEFORE), (0.42 * step, is_now, _NOW)):
            tall = (height - 12) * share / top
            drawn.append(
                f'<rect x="{left + offset:.1f}" y="{height - tall:.1f}" width="{0.4 * step:.1f}" '
                f'height="{tall:.1f}" fill="{colour}"><title>{escape(label)}: {share:.1%}</title></rect>'
            )
        drawn.append(
            _text((left + 0.4 * step, height + 12), _short(mark), "start" if slant else "middle", slant)
        )
    drawn.append(_text((0, 9), f"{top:.0%}", "start"))
    return _svg(width + 30, height + 72, drawn) if slant else _svg(width, height + 18, drawn)


def history(points: Sequence[tuple[str, float]], line: float) -> str:
    """The course of a share from left to right, and the *line* above which it alerts."""
    width, height = 560.0, 120.0
    top = max(1.2 * line, *(value for _, value in points), 1e-9)

    def at(i: int, value: float) -> Point:
        return (30 + (width - 60) * (i / max(1, len(points) - 1)), height - (height - 14) * value / top)

    level = at(0, line)[1]
    places = [at(i, value) for i, (_, value) in enumerate(points)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{_NOW if value >= line else _INK}">'
        f"<title>{escape(when)}: {value:.1%}</title></circle>"
        for (x, y), (when, value) in zip(places, points, strict=True)
    ]
    return _svg(
        width,
        height + 18,
        [
            _rule((0, height), (width, height)),
            _rule((0, level), (width, level), _NOW, "4 3"),
            _text((width, level - 3), f"alert from {line:.0%}", "end"),
            f'<polyline points="{path}" fill="none" stroke="{_INK}" stroke-width="1.5"/>',
            *dots,
            _text((30, height + 13), points[0][0] if points else "", "start"),
            _text((width - 30, height + 13), points[-1][0] if len(points) > 1 else "", "end"),
        ],
    )


def intervals(before: Estimate, now: Estimate) -> str:
    """Two values, one above the other, each with its interval."""
    low, high = min(before.low, now.low), max(before.high, now.high)
    spread = (high - low) or 1.0

    def x(value: float) -> float:
        return 15 + 250 * (value - low) / spread

    drawn = []
    for y, estimate, colour in ((14.0, before, _BEFORE), (34.0, now, _NOW)):
        drawn.append(_rule((x(estimate.low), y), (x(estimate.high), y), colour, width=3))
        drawn.append(f'<circle cx="{x(estimate.value):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    return _svg(280, 46, drawn)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    inner = "".join(parts)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" xmlns="http://www.w3.org/2000/svg">{inner}</svg>'
    )


def _rule(start: Point, end: Point, colour: str = _LINE, dashes: str = "", width: float = 1) -> str:
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}" stroke-dasharray="{dashes}"/>'
    )


def _text(place: Point, text: str, anchor: str, slant: int = 0) -> str:
    x, y = place
    turned = f' transform="rotate({slant} {x:.1f} {y:.1f})"' if slant else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="9" fill="{_INK}"{turned}>'
        f"{escape(text)}</text>"
    )


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
