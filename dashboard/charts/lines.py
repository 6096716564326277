"""Numbers over time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import altair as alt

from dashboard.charts.style import HEIGHT, INK, TIME_AXIS, Picture, data
from dashboard.speech import Speech


class Point(NamedTuple):
    """A number at a time."""

    at_us: int
    label: str
    value: float


def lines(
    speech: Speech,
    points: Sequence[Point],
    colours: Mapping[str, str],
    title: str,
    form: str,
    limit: float | None = None,
) -> Picture:
    """A line for each label, in a shape of its own too; *form* is of D3. *limit*: a line across."""
    rows = [{"at": point.at_us / 1000, "label": point.label, "value": point.value} for point in points]
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    chart = (
        alt.Chart(data(rows), height=HEIGHT)
        .mark_line(point=alt.OverlayMarkDef(size=40))
        .encode(
            x=alt.X("at:T", title=None, axis=TIME_AXIS, scale=alt.Scale(type="utc")),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=True)).axis(format=form),
            color=alt.Color("label:N", scale=scale).legend(columns=3, symbolType="stroke", symbolSize=300),
            strokeDash=alt.StrokeDash("label:N", scale=alt.Scale(domain=list(colours))),
            tooltip=[
                alt.Tooltip(
                    "at:T", format="%Y-%m-%d %H:%M", formatType="utc", title=speech.words.common.time
                ),
                alt.Tooltip("label:N", title=" "),
                alt.Tooltip("value:Q", format=form, title=title),
            ],
        )
    )
    if limit is None:
        return chart
    rule = alt.Chart(data([{"limit": limit}])).mark_rule(strokeDash=[5, 3], strokeWidth=2, color=INK)
    return alt.layer(chart, rule.encode(y="limit:Q"))
