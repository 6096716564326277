"""Where latencies lie, one box for each route."""

from collections.abc import Mapping
from typing import NamedTuple

import altair as alt

from dashboard.charts.style import INK, Picture, data
from dashboard.palette import SKY
from dashboard.speech import Speech

_BAR = 60
_AXIS = 80


class Box(NamedTuple):
    """Five quantiles in milliseconds."""

    p5: float
    p25: float
    p50: float
    p75: float
    p95: float


def boxes(speech: Speech, found: Mapping[str, Box]) -> Picture:
    """The middle half as a box with its median, and a line from the 5th to the 95th percentile."""
    rows = [{"route": route, **box._asdict()} for route, box in found.items()]
    told = [alt.Tooltip("route:N", title=" ")]
    told += [alt.Tooltip(f"{name}:Q", format=",.2f", title=f"{name.upper()} (ms)") for name in Box._fields]
    y = alt.Y("route:N", title=None, sort=list(found), axis=alt.Axis(labelLimit=200))
    scale = alt.Scale(type="log", nice=True)
    title = speech.words.performance.latency
    base = alt.Chart(data(rows), height=_AXIS + _BAR * len(rows)).encode(y=y, tooltip=told)
    whisker = base.mark_rule(strokeWidth=2, color=INK).encode(
        x=alt.X("p5:Q", title=title, scale=scale, axis=alt.Axis(format="~g", tickCount=5)), x2="p95:Q"
    )
    box = base.mark_bar(size=28, color=SKY).encode(x=alt.X("p25:Q", scale=scale), x2="p75:Q")
    median = base.mark_tick(size=28, thickness=3, color="#000000").encode(x=alt.X("p50:Q", scale=scale))
    return alt.layer(whisker, box, median)
