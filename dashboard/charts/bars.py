"""Counts side by side, one bar for each label."""

from collections.abc import Mapping

import altair as alt

from dashboard.charts.style import INK, Picture, data
from dashboard.speech import Speech

_BAR = 34
"""Pixels of height for each."""
_AXIS = 80
_ROOM = 1.8
"""So many times the longest bar, for the words beside it."""


def bars(speech: Speech, counts: Mapping[str, int], colours: Mapping[str, str], unit: str) -> Picture:
    """Bars in the order given, each with its count and its share of all."""
    total = sum(counts.values())
    rows = [
        {"label": label, "count": n, "told": f"{speech.whole(n)} ({speech.share(n / total)})"}
        for label, n in counts.items()
    ]
    base = alt.Chart(data(rows), height=_AXIS + _BAR * len(rows)).encode(
        x=alt.X("count:Q", title=unit, axis=alt.Axis(tickMinStep=1)).scale(
            domainMax=_ROOM * max(counts.values()), nice=False
        ),
        y=alt.Y("label:N", sort=list(counts), title=None, axis=alt.Axis(labelLimit=200, labelOverlap=False)),
    )
    colour = alt.Color("label:N", legend=None).scale(
        domain=list(counts), range=[colours[label] for label in counts]
    )
    told = base.mark_text(align="left", dx=5, color=INK).encode(text="told:N")
    return alt.layer(base.mark_bar().encode(color=colour), told)
