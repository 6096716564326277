"""Counts over time, stacked by what they are counts of."""

from collections.abc import Mapping
from dataclasses import dataclass

import altair as alt

from dashboard.charts.style import HEIGHT, TIME_AXIS, data
from dashboard.speech import Speech

_LEAST = 24
"""Columns there is room for, however few there are: one hour alone is no wall."""


@dataclass(frozen=True, slots=True)
class Column:
    """Counts by label, from one time up to another."""

    start_us: int
    end_us: int
    counts: Mapping[str, int]


def columns(speech: Speech, stacked: list[Column], colours: Mapping[str, str], unit: str) -> alt.Chart:
    """One column for each time, the labels one upon the other in the order of *colours*."""
    rows = [row for column in stacked for row in _pieces(column, list(colours))]
    end = stacked[-1].end_us
    start = min(stacked[0].start_us, end - _LEAST * (end - stacked[-1].start_us))
    return (
        alt.Chart(data(rows), height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("start:T", title=None, axis=TIME_AXIS).scale(
                type="utc", domain=[start / 1000, end / 1000]
            ),
            x2="end:T",
            y=alt.Y("low:Q", title=unit),
            y2="high:Q",
            color=alt.Color(
                "label:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))
            ).legend(columns=2),
            tooltip=[
                alt.Tooltip(
                    "start:T", format="%Y-%m-%d %H:%M", formatType="utc", title=speech.words.common.time
                ),
                alt.Tooltip("label:N", title=" "),
                alt.Tooltip("count:Q", format=",", title=unit),
            ],
        )
    )


def _pieces(column: Column, order: list[str]) -> list[dict[str, object]]:
    pieces: list[dict[str, object]] = []
    low = 0
    for label in order:
        count = column.counts.get(label, 0)
        if count:
            times = {"start": column.start_us / 1000, "end": column.end_us / 1000}
            pieces.append({**times, "label": label, "count": count, "low": low, "high": low + count})
        low += count
    return pieces
